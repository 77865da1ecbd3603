import type { Fence } from './fences.ts'

export interface ShellCommand {
  /** Page and line. */
  readonly place: string
  readonly text: string
  readonly words: readonly string[]
}

/** The words of a simple command line: quotes are taken off, a comment ends it. */
const wordsOf = (line: string): readonly string[] =>
  [...line.replace(/(^|\s)#.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )

/** The commands of a fence of shell lines, one a line; other languages have none. */
export const shellCommands = ({ page, line, language, code }: Fence): readonly ShellCommand[] =>
  language !== 'sh'
    ? []
    : code
        .split('\n')
        .map((text, index) => ({ place: `${page}:${line + index}`, text: text.trim(), words: wordsOf(text) }))
        .filter(({ words }) => words.length > 0)
