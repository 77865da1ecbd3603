import type { Context } from './context.ts'

export type OptionSpec =
  | { readonly type: 'flag'; readonly description: string; readonly alias?: string }
  | {
      readonly type: 'text'
      readonly description: string
      readonly placeholder: string
      readonly choices?: readonly string[]
    }
  /** May be given several times. */
  | { readonly type: 'texts'; readonly description: string; readonly placeholder: string }
  /** A time such as 30s; ms in the program. */
  | { readonly type: 'duration'; readonly description: string; readonly placeholder: string }
  | {
      readonly type: 'whole'
      readonly description: string
      readonly placeholder: string
      readonly min: number
      readonly max: number
    }

export interface ArgSpec {
  readonly description: string
  readonly optional?: true
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>
export type ArgSpecs = Readonly<Record<string, ArgSpec>>

type OptionValue<O> = O extends { type: 'flag' }
  ? boolean
  : O extends { type: 'text'; choices: readonly (infer C)[] }
    ? C | undefined
    : O extends { type: 'text' }
      ? string | undefined
      : O extends { type: 'texts' }
        ? readonly string[]
        : number | undefined

type ArgValue<A> = A extends { optional: true } ? string | undefined : string

export type Values<A, O> = { readonly [K in keyof A]: ArgValue<A[K]> } & { readonly [K in keyof O]: OptionValue<O[K]> }

export interface Command {
  /** One or two words: `send`, `contacts add`. */
  readonly name: string
  readonly description: string
  /** Positional, in the order of the keys; optional ones last. */
  readonly args: ArgSpecs
  readonly options: OptionSpecs
  /** A whole command line that works. */
  readonly example: string
  /** Runs when only the first word was given. */
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
