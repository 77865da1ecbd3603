import type { BotCommandArg } from '@dchat/sdk'

/** An argument of a command, or an answer to a question of a form. */
export interface Arg<T> {
  /** What is expected, in words: `a number`. */
  readonly expects: string
  /** How a manifest names it. */
  readonly type: BotCommandArg['type']
  /** It takes the rest of the line. */
  readonly takesRest: boolean
  readonly isOptional: boolean
  /** Answers to choose from. */
  readonly choices?: readonly string[]
  /** Undefined: the text is none. */
  parse(text: string): { readonly value: T } | undefined
  /** What stands for one that was left out. */
  missing(): T
  /** May be left out. */
  optional(): Arg<T | undefined>
  /** May be left out, and is this then. */
  default(value: T): Arg<T>
}

type Shape = Readonly<Record<string, Arg<unknown>>>
export type Args = Shape

/** What a handler gets: the arguments by name. */
export type ValuesOf<S extends Shape> = { readonly [K in keyof S]: S[K] extends Arg<infer T> ? T : never }

interface Parts<T> {
  readonly expects: string
  readonly type: BotCommandArg['type']
  readonly takesRest?: boolean
  readonly choices?: readonly string[]
  readonly parse: (text: string) => { readonly value: T } | undefined
}

const make = <T>(parts: Parts<T>, missing?: { readonly value: T }): Arg<T> => ({
  ...parts,
  takesRest: parts.takesRest ?? false,
  isOptional: missing !== undefined,
  missing: () => missing?.value as T,
  optional: () => make<T | undefined>(parts, { value: undefined }),
  default: (value) => make(parts, { value }),
})

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/

const number = (expects: string, type: 'number' | 'integer', test: (value: number) => boolean): Arg<number> =>
  make({
    expects,
    type,
    parse: (text) => {
      const value = NUMBER.test(text) ? Number(text) : Number.NaN
      return Number.isFinite(value) && test(value) ? { value } : undefined
    },
  })

export interface NumberLimits {
  readonly min?: number
  readonly max?: number
}

const limited = (what: string, { min, max }: NumberLimits): string =>
  [what, ...(min === undefined ? [] : [`from ${min}`]), ...(max === undefined ? [] : [`up to ${max}`])].join(' ')
const within =
  ({ min = -Infinity, max = Infinity }: NumberLimits) =>
  (value: number) =>
    value >= min && value <= max

export const arg = {
  /** One word, or several in quotes. */
  text: (): Arg<string> =>
    make({ expects: 'a text', type: 'text', parse: (text) => (text === '' ? undefined : { value: text }) }),
  /** Everything that is left of the line. */
  rest: (): Arg<string> =>
    make({
      expects: 'a text',
      type: 'rest',
      takesRest: true,
      parse: (text) => (text === '' ? undefined : { value: text }),
    }),
  number: (limits: NumberLimits = {}): Arg<number> => number(limited('a number', limits), 'number', within(limits)),
  integer: (limits: NumberLimits = {}): Arg<number> =>
    number(
      limited('a whole number', limits),
      'integer',
      (value) => Number.isSafeInteger(value) && within(limits)(value),
    ),
  /** One of these words, in whatever case. */
  choice: <const C extends string>(...choices: readonly C[]): Arg<C> =>
    make({
      expects: `one of: ${choices.join(', ')}`,
      type: 'choice',
      choices,
      parse: (text) => {
        const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
        return found === undefined ? undefined : { value: found }
      },
    }),
} as const

export type ReadArgs =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly name: string; readonly expects: string }

/** The arguments of a command, in their order. Words that nobody asked for are left alone. */
export const readArgs = (shape: Shape, words: readonly string[]): ReadArgs => {
  const values: Record<string, unknown> = {}
  let at = 0
  for (const [name, each] of Object.entries(shape)) {
    const word = each.takesRest ? words.slice(at).join(' ') : words[at]
    at = each.takesRest ? words.length : at + 1
    if (word === undefined || word === '') {
      if (!each.isOptional) return { ok: false, name, expects: each.expects }
      values[name] = each.missing()
      continue
    }
    const parsed = each.parse(word)
    if (parsed === undefined) return { ok: false, name, expects: each.expects }
    values[name] = parsed.value
  }
  return { ok: true, values }
}

/** `/price <currency> [amount]` */
export const usageOf = (name: string, shape: Shape): string =>
  [`/${name}`, ...Object.entries(shape).map(([key, { isOptional }]) => (isOptional ? `[${key}]` : `<${key}>`))].join(
    ' ',
  )
