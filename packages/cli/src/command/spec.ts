/** What a command takes, as data, and the types of the values that follow from it. */

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
  /** Takes all the words that are left; only the last argument does. */
  readonly many?: true
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

type ArgValue<A> = A extends { many: true }
  ? readonly string[]
  : A extends { optional: true }
    ? string | undefined
    : string

export type Values<A, O> = { readonly [K in keyof A]: ArgValue<A[K]> } & { readonly [K in keyof O]: OptionValue<O[K]> }

/** `<chat>`, `[text]`, `<people..>`: how an argument stands in a usage line. */
export const argUsage = ([name, { optional, many }]: readonly [string, ArgSpec]): string => {
  const words = many === true ? `${name}..` : name
  return optional === true ? `[${words}]` : `<${words}>`
}
