import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { DchatError, ERRORS, isDchatError } from '@dchat/sdk/wire'
import yargs from 'yargs'
import { type Config, readConfig } from './config.ts'
import { LOG_LEVELS, pinoLog } from './log.ts'
import { createRelay } from './relay.ts'
import { sqliteStore } from './store/sqlite.ts'
import { VERSION } from './version.ts'

const flagsOf = (argv: readonly string[]) =>
  yargs([...argv])
    .scriptName('dchat-relay')
    .usage('$0 [options]\n\nRuns a dchat relay: it stores and orders what it cannot read.')
    .options({
      port: { type: 'number', describe: 'Port for links, /healthz and /metrics (default 7464; 0 takes a free one)' },
      host: { type: 'string', describe: 'Address to listen on (default 127.0.0.1)' },
      data: { type: 'string', describe: 'Data directory (default ./dchat-relay-data)' },
      config: { type: 'string', describe: 'JSON file with the same names and "limits"; flags go before it' },
      'retention-days': { type: 'number', describe: 'Days for which messages are kept (default 30)' },
      'log-level': { choices: LOG_LEVELS, describe: 'What is logged to stderr (default info)' },
      policy: { choices: ['open', 'invitation'] as const, describe: 'Who may begin something here (default open)' },
      'tls-cert': { type: 'string', describe: 'PEM certificate for wss://' },
      'tls-key': { type: 'string', describe: 'PEM key for wss://' },
    })
    .strict()
    .version(VERSION)
    .fail((message: string | undefined, error: Error | undefined) => {
      throw error ?? new UsageError(message ?? 'The arguments are not valid.')
    })
    .exitProcess(false)

class UsageError extends Error {}

/** Runs until SIGTERM or SIGINT, then drains; the process ends by itself when everything is closed. */
const serve = async (config: Config): Promise<void> => {
  const log = pinoLog(config.logLevel)
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort())
  const { tlsCert, tlsKey } = config
  const tls =
    tlsCert && tlsKey ? { cert: await readPem('tls-cert', tlsCert), key: await readPem('tls-key', tlsKey) } : undefined
  await using relay = await createRelay({
    host: config.host,
    port: config.port,
    store: sqliteStore(config.data, config.maxBytes === undefined ? {} : { maxBytes: config.maxBytes }),
    name: config.name,
    policy: config.policy,
    invited: config.invited,
    retention: { days: config.retentionDays, commitDays: config.commitRetentionDays },
    limits: withoutUndefined(config.limits),
    trustProxy: config.trustProxy,
    log,
    ...(tls ? { tls } : {}),
  })
  process.stdout.write(`${JSON.stringify({ url: relay.url, relayKey: Buffer.from(relay.relayKey).toString('hex') })}\n`)
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
}

const readPem = async (name: string, file: string): Promise<Buffer> => {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new DchatError('usage/invalid-argument', { name, reason: 'the file cannot be read' }, { cause })
  }
}

const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }

/** The program. Resolves to the exit code; whatever goes wrong is one sentence and its remedy on stderr. */
export const main = async (argv: readonly string[]): Promise<number> => {
  try {
    const parser = flagsOf(argv)
    const { port, host, data, retentionDays, logLevel, policy, tlsCert, tlsKey, config, help, version } =
      await parser.parse()
    if (help === true || version === true) return 0
    await serve(await readConfig({ port, host, data, retentionDays, logLevel, policy, tlsCert, tlsKey }, config))
    return 0
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`dchat-relay: ${error.message} See "dchat-relay --help".\n`)
      return 2
    }
    if (!isDchatError(error)) throw error
    process.stderr.write(`dchat-relay: ${error.message} ${error.hint}\n`)
    return ERRORS[error.code].exit
  }
}
