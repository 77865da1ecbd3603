import { once } from 'node:events'
import { isDchatError, type Log } from '@dchat/sdk/wire'
import type { Config } from '../config/schema.ts'
import { pinoLog } from '../log.ts'
import { systemClock } from '../platform.ts'
import { createRelay, type Relay } from '../relay.ts'
import { sqliteStore } from '../store/sqlite.ts'
import { isTls, printOf, readCertificate } from './certificate.ts'
import type { Output } from './output.ts'
import { logSelfTest } from './self-test.ts'

/** ms between two looks at the certificate's files: whoever renews them need not tell. */
const LOOK = 60_000

/**
 * Runs until SIGTERM or SIGINT, then drains; the process ends by itself when everything is closed. SIGHUP reads the
 * certificate again.
 */
export const serve = async (config: Config, { data }: Output): Promise<void> => {
  const log = pinoLog(config.logLevel)
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort())
  const tls = isTls(config) ? await readCertificate(config) : undefined
  await using relay = await createRelay({
    host: config.host,
    port: config.port,
    store: sqliteStore(config.data, config.maxBytes === undefined ? {} : { maxBytes: config.maxBytes }),
    name: config.name,
    policy: config.policy,
    invited: config.invited,
    retention: { days: config.retentionDays, commitDays: config.commitRetentionDays },
    limits: withoutUndefined(config.limits),
    trustedProxies: config.trustedProxies,
    metrics: config.metrics,
    settle: config.settleSeconds * 1_000,
    drainPatience: config.drainSeconds * 1_000,
    log,
    ...(tls ? { tls } : {}),
  })
  data({ url: relay.url, relayKey: Buffer.from(relay.relayKey).toString('hex') })
  const tested = logSelfTest(config, log, stop.signal)
  const hangup = () => void (tls === undefined ? log.info('nothing-to-reload') : look())
  const look = tls === undefined ? async () => undefined : renewal(relay, config, printOf(tls), log)
  process.on('SIGHUP', hangup)
  try {
    if (tls !== undefined) void every(LOOK, look, stop.signal)
    if (!stop.signal.aborted) await once(stop.signal, 'abort')
  } finally {
    process.off('SIGHUP', hangup)
    await tested
  }
}

/** Reads the certificate's files and hands them over if they have changed; what cannot be used changes nothing. */
const renewal = (relay: Relay, config: Config, first: string, log: Log): (() => Promise<void>) => {
  let print = first
  return async () => {
    try {
      const tls = await readCertificate(config)
      if (printOf(tls) === print) return
      relay.renew(tls)
      print = printOf(tls)
      log.info('certificate-renewed')
    } catch (error) {
      log.warn('certificate-refused', { code: isDchatError(error) ? error.code : 'internal' })
    }
  }
}

const every = async (ms: number, work: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await systemClock.sleep(ms, { signal }).catch(() => undefined)
    if (!signal.aborted) await work()
  }
}

const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
