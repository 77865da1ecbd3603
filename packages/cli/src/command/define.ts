import type { Context } from './context.ts'
import type { ArgSpecs, OptionSpecs, Values } from './spec.ts'

export interface Command {
  /** One to three words: `send`, `contacts add`, `bot webhook add`. */
  readonly name: string
  readonly description: string
  /** Positional, in the order of the keys; optional ones last. */
  readonly args: ArgSpecs
  readonly options: OptionSpecs
  /** A whole command line that works. */
  readonly example: string
  /** Runs when all words but the last were given. */
  readonly usual?: true
  readonly run: (values: Readonly<Record<string, unknown>>, context: Context) => Promise<void>
}

export interface CommandSpec<A extends ArgSpecs, O extends OptionSpecs> {
  readonly name: string
  readonly description: string
  readonly args: A
  readonly options: O
  readonly example: string
  readonly usual?: true
  readonly run: (values: Values<A, O>, context: Context) => Promise<void>
}

/** Types `run` by the arguments and options that stand beside it. */
export const defineCommand = <const A extends ArgSpecs, const O extends OptionSpecs>(
  spec: CommandSpec<A, O>,
): Command => ({
  ...spec,
  // The parser makes exactly these values from exactly these specs.
  run: (values, context) => spec.run(values as Values<A, O>, context),
})
