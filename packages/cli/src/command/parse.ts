import { DchatError } from '@dchat/sdk/errors'
import type { Argv, Options } from 'yargs'
import yargs from 'yargs'
import { parseDuration } from '../io/duration.ts'
import type { Command } from './define.ts'
import type { Globals } from './globals.ts'
import { GLOBAL_OPTIONS } from './globals.ts'
import type { ArgSpec, OptionSpec, OptionSpecs } from './spec.ts'
import { argUsage } from './spec.ts'

export type Parsed =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly values: Readonly<Record<string, unknown>>
      readonly globals: Globals
    }

const invalid = (name: string, reason: string): DchatError<'usage/invalid-argument'> =>
  new DchatError('usage/invalid-argument', { name, reason })

/**
 * yargs takes quotes off values, reads "-" as nothing, and forgets what stands behind "--". So every word that is no
 * option and no command's name travels behind a mark.
 */
const MARK = '\u0001'

const mark = (argv: readonly string[], commands: readonly Command[]): string[] => {
  const names = new Set(commands.flatMap(({ name }) => name.split(' ')))
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  const marked = argv
    .slice(0, end)
    .map((word) => (names.has(word) || (word.startsWith('-') && word !== '-') ? word : `${MARK}${word}`))
  return [...marked, ...argv.slice(end + 1).map((word) => `${MARK}${word}`)]
}

const unmark = (text: string): string => (text.startsWith(MARK) ? text.slice(MARK.length) : text)

type ValueSpec = Exclude<OptionSpec, { type: 'flag' }>

const placeholder = (spec: ValueSpec): string =>
  spec.type === 'text' && spec.choices !== undefined ? spec.choices.join('|') : spec.placeholder

const yargsOption = (spec: OptionSpec): Options => ({
  type: spec.type === 'flag' ? 'boolean' : 'string',
  description: spec.type === 'flag' ? spec.description : `${spec.description} [${placeholder(spec)}]`,
  ...(spec.type === 'flag' ? {} : { requiresArg: true }),
  ...('alias' in spec && spec.alias !== undefined ? { alias: spec.alias } : {}),
})

const addOptions = (parser: Argv, specs: OptionSpecs, group: string): Argv =>
  Object.entries(specs).reduce(
    (known, [name, spec]) => known.option(name, { ...yargsOption(spec), group, global: group === 'Global:' }),
    parser,
  )

const wholeNumber = (text: string, name: string, min: number, max: number): number => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) throw invalid(name, `it is not a whole number from ${min} to ${max}`)
  return value
}

/** A typed value from what yargs found: text, several texts, true, or nothing. */
const typedValue = (name: string, spec: OptionSpec, found: unknown): unknown => {
  if (spec.type === 'flag') return found === true
  const texts =
    found === undefined ? [] : (Array.isArray(found) ? found : [found]).map((value) => unmark(String(value)))
  if (spec.type === 'texts') return texts
  if (texts.length > 1) throw invalid(`--${name}`, 'it was given more than once')
  const [text] = texts
  if (text === undefined) return undefined
  if (spec.type === 'duration') return parseDuration(text, `--${name}`)
  if (spec.type === 'text' && spec.choices !== undefined && !spec.choices.includes(text))
    throw invalid(`--${name}`, `it is none of ${spec.choices.join(', ')}`)
  if (spec.type === 'whole') return wholeNumber(text, `--${name}`, spec.min, spec.max)
  return text
}

const valuesOf = (specs: OptionSpecs, found: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, typedValue(name, spec, found[name])]))

const usage = (command: Command): string => Object.entries(command.args).map(argUsage).join(' ')

const argValue = ({ many }: ArgSpec, found: unknown): unknown => {
  if (many === true) return (Array.isArray(found) ? found : []).map((word) => unmark(String(word)))
  return found === undefined ? undefined : unmark(String(found))
}

/** What yargs complained about, as one of our sentences. */
const complaint = (message: string, chosen: Command | undefined): DchatError => {
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/s.exec(message)?.[1]
  if (unknown !== undefined) return invalid(unknown, 'nothing is known by this name')
  const given = /^Not enough non-option arguments: got (\d+)/.exec(message)?.[1]
  if (given !== undefined) {
    const required = Object.entries(chosen?.args ?? {}).filter(([, arg]) => !arg.optional)
    return invalid(required[Number(given)]?.[0] ?? 'command', 'it is missing; --help shows how it is used')
  }
  const option = /^Not enough arguments following: (.*)$/.exec(message)?.[1]
  if (option !== undefined) return invalid(`--${option}`, 'its value is missing')
  return invalid('command line', message.split('\n').join(' '))
}

interface Choice {
  command?: Command
  found?: Readonly<Record<string, unknown>>
}

const addCommand = (parser: Argv, command: Command, words: string, choice: Choice): Argv =>
  parser.command(
    [`${words} ${usage(command)}`.trim(), ...(command.usual === true ? ['$0'] : [])],
    command.description,
    (known) => {
      choice.command = command
      const named = Object.entries(command.args).reduce(
        (parsing, [name, arg]) => parsing.positional(name, { type: 'string', description: arg.description }),
        known,
      )
      return addOptions(named, command.options, 'Options:').example(command.example, '')
    },
    (found) => {
      choice.found = found
    },
  )

/** What stands directly below some words: the last word of its name; undefined for anything else. */
const lastWord = (name: string, above: string): string | undefined => {
  const rest = name.startsWith(above) ? name.slice(above.length) : ''
  return rest === '' || rest.includes(' ') ? undefined : rest
}

/** One word is a command; several words stand below the group of those before the last one. */
const addCommands = (
  parser: Argv,
  commands: readonly Command[],
  groups: Readonly<Record<string, string>>,
  choice: Choice,
  above = '',
): Argv => {
  for (const command of commands) {
    const word = lastWord(command.name, above)
    if (word !== undefined) addCommand(parser, command, word, choice)
  }
  for (const [group, description] of Object.entries(groups)) {
    const word = lastWord(group, above)
    if (word === undefined) continue
    parser.command(`${word} <command>`, description, (below) =>
      addCommands(below, commands, groups, choice, `${group} `).demandCommand(1),
    )
  }
  return parser
}

/**
 * The commands that a line can mean: those whose first word stands in it, and the usual one. To make all of them known to
 * yargs takes longer than most commands do. A line that names none, and one that asks for help, is for all of them.
 */
const inQuestion = (argv: readonly string[], commands: readonly Command[]): readonly Command[] => {
  const words = new Set(argv)
  const firstWord = ({ name }: Command): string => name.split(' ')[0] as string
  if (words.has('--help') || !commands.some((command) => words.has(firstWord(command)))) return commands
  return commands.filter((command) => command.usual === true || words.has(firstWord(command)))
}

/** Reads a command line by the table of commands. Throws `usage/invalid-argument`. */
export const parse = async (
  argv: readonly string[],
  commands: readonly Command[],
  groups: Readonly<Record<string, string>>,
  columns: number,
): Promise<Parsed> => {
  const choice: Choice = {}
  const parser = yargs([])
    .scriptName('dchat')
    .locale('en')
    .usage('dchat <command>\n\nMessages that belong to their users, end-to-end encrypted.')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
    })
    .version(false)
    .help('help')
    .exitProcess(false)
    .strict()
    .wrap(Math.max(60, Math.min(100, columns)))
  addOptions(parser, GLOBAL_OPTIONS, 'Global:')
  const known = inQuestion(argv, commands)
  const groupsOf = Object.entries(groups).filter(([group]) => known.some(({ name }) => name.startsWith(`${group} `)))
  addCommands(parser, known, Object.fromEntries(groupsOf), choice)
  if (argv.length === 0) return { kind: 'help', text: await parser.getHelp() }
  let problem: Error | undefined
  let said = ''
  try {
    await parser.parse(mark(argv, commands), {}, (error, _found, output) => {
      problem = error ?? undefined
      said = output
    })
  } catch (cause) {
    // yargs trips over options that are named like what every object has, such as --constructor.
    throw new DchatError('usage/invalid-argument', { name: 'command line', reason: 'it cannot be read' }, { cause })
  }
  if (problem !== undefined) throw complaint(problem.message.replaceAll(MARK, ''), choice.command)
  if (choice.command === undefined || choice.found === undefined) return { kind: 'help', text: said }
  const { command, found } = choice
  const args = Object.fromEntries(Object.entries(command.args).map(([name, arg]) => [name, argValue(arg, found[name])]))
  return {
    kind: 'command',
    command,
    values: { ...args, ...valuesOf(command.options, found) },
    // Values are made by exactly this table.
    globals: valuesOf(GLOBAL_OPTIONS, found) as unknown as Globals,
  }
}
