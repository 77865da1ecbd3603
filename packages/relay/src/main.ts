import { type DchatError, ERRORS, isDchatError } from '@dchat/sdk/wire'
import yargs from 'yargs'
import { nearest } from './config/nearest.ts'
import { type Environment, readConfig } from './config/read.ts'
import { flagOf, SETTINGS } from './config/schema.ts'
import { backup } from './program/backup.ts'
import { checkConfig } from './program/check-config.ts'
import { invite, listInvitations, revokeInvitation } from './program/invite.ts'
import type { Output } from './program/output.ts'
import { restore } from './program/restore.ts'
import { selfTestNow } from './program/self-test.ts'
import { serve } from './program/serve.ts'
import { VERSION } from './version.ts'

class UsageError extends Error {}

/** A flag for every setting that fits into one; the file takes them all. */
const flags = Object.fromEntries(
  SETTINGS.filter(({ shape }) => shape !== 'file').map(({ key, shape, description, initial, choices }) => {
    const note =
      initial === undefined || (Array.isArray(initial) && initial.length === 0) ? '' : ` (default ${initial})`
    const describe = `${description.replaceAll('`', '')}${note}`
    const type = shape === 'number' ? 'number' : 'string'
    return [flagOf(key), { type, describe, requiresArg: true, ...(choices === undefined ? {} : { choices }) } as const]
  }),
)

type Given = Readonly<Record<string, unknown>>

/** What was said on the command line, by the names of the settings. */
const settingsOf = (argv: Given): Given =>
  Object.fromEntries(
    SETTINGS.map(({ key, shape }) => {
      const value = argv[flagOf(key)]
      if (Number.isNaN(value)) throw new UsageError(`--${flagOf(key)} takes a number.`)
      return [key, shape === 'list' && typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value]
    }),
  )

const configOf = (argv: Given, environment: Environment) =>
  readConfig(settingsOf(argv), argv.config as string | undefined, environment)

const COMMANDS = ['check-config', 'backup', 'restore', 'self-test', 'invite', 'create', 'list', 'revoke']
const OPTIONS = ['config', 'replace', 'uses', 'days', 'note', 'help', 'version', ...Object.keys(flags)]
const UNKNOWN = 'unknown: %s'

/** What is not known is refused with what may have been meant. */
const refusal = (message = 'The arguments are not valid.'): string => {
  const [, word] = /^unknown: ([^,]+)/.exec(message) ?? []
  if (word === undefined) return message
  const option = nearest(word, OPTIONS)
  const meant = nearest(word, COMMANDS) ?? (option && `--${option}`)
  return `There is no "${word}"${meant === undefined ? '.' : `; "${meant}" is one.`}`
}

const parserOf = (
  argv: readonly string[],
  environment: Environment,
  output: Output,
  run: (work: Promise<void>) => void,
) =>
  yargs([...argv])
    .scriptName('dchat-relay')
    .usage('$0 [options]\n\nRuns a dchat relay: it stores and orders what it cannot read.')
    .parserConfiguration({ 'camel-case-expansion': false })
    .options({
      config: {
        type: 'string',
        requiresArg: true,
        describe: 'JSON file of settings; the environment goes before it, flags go before both',
      },
      ...flags,
    })
    .command('$0', false, {}, (given) => run(configOf(given, environment).then((config) => serve(config, output))))
    .command('check-config', 'Says whether the settings are valid, and what they are', {}, (given) =>
      run(configOf(given, environment).then((config) => checkConfig(config, output))),
    )
    .command(
      'backup <file>',
      'Writes a verified copy of the database, while the relay runs or not',
      (args) =>
        args.positional('file', { type: 'string', demandOption: true, describe: 'File that does not exist yet' }),
      (given) => run(configOf(given, environment).then((config) => backup(config.data, given.file, output))),
    )
    .command(
      'restore <from>',
      'Puts a backup, or a copied data directory, into the data directory of a stopped relay',
      (args) =>
        args
          .positional('from', { type: 'string', demandOption: true, describe: 'A backup, or a copied directory' })
          .option('replace', { type: 'boolean', describe: 'Set the database that is there aside' }),
      (given) =>
        run(
          configOf(given, environment).then((config) =>
            restore(config.data, given.from, given.replace ?? false, output),
          ),
        ),
    )
    .command('self-test', 'Goes the way that clients go, looks at the machine, and says what is wrong', {}, (given) =>
      run(configOf(given, environment).then((config) => selfTestNow(config, output))),
    )
    .command('invite', 'Makes, lists and takes back invitations, while the relay runs or not', (args) =>
      args
        .command(
          'create',
          'Makes an invitation and prints its link',
          (more) =>
            more
              .option('uses', { type: 'number', requiresArg: true, describe: 'Identities that it admits (default 1)' })
              .option('days', {
                type: 'number',
                requiresArg: true,
                describe: 'Days for which it holds (default 7; 0: for ever)',
              })
              .option('note', { type: 'string', requiresArg: true, describe: 'For you alone: whom it is for' }),
          (given) => run(configOf(given, environment).then((config) => invite(config, given, output))),
        )
        .command('list', 'Prints them, without their secrets', {}, (given) =>
          run(configOf(given, environment).then((config) => listInvitations(config, output))),
        )
        .command(
          'revoke <id>',
          'Takes one back; whom it has admitted stays',
          (more) => more.positional('id', { type: 'string', demandOption: true, describe: 'As `list` names it' }),
          (given) => run(configOf(given, environment).then((config) => revokeInvitation(config, given.id, output))),
        )
        .demandCommand(1, 'Say what to do: create, list or revoke.'),
    )
    .strict()
    .locale('en')
    .updateStrings({ 'Unknown argument: %s': { one: UNKNOWN, other: UNKNOWN } as never })
    .version(VERSION)
    .fail((message: string | undefined, error: Error | undefined) => {
      throw error ?? new UsageError(refusal(message))
    })
    .exitProcess(false)

const processOutput: Output = {
  data: (line) => void process.stdout.write(`${JSON.stringify(line)}\n`),
  say: (line) => void process.stderr.write(`${line}\n`),
}

/** The program. Resolves to the exit code; whatever goes wrong is one sentence and its remedy on stderr. */
export const main = async (argv: readonly string[], environment: Environment = {}): Promise<number> => {
  try {
    let work: Promise<void> = Promise.resolve()
    await parserOf(argv, environment, processOutput, (begun) => {
      work = begun
      // Awaited below; until then it is nobody's rejection.
      begun.catch(() => undefined)
    }).parse()
    await work
    return 0
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`dchat-relay: ${error.message} See "dchat-relay --help".\n`)
      return 2
    }
    if (!isDchatError(error)) throw error
    process.stderr.write(`dchat-relay: ${error.message} ${(error as DchatError).hint}\n`)
    return ERRORS[error.code].exit
  }
}
