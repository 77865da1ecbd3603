import { DchatError, type Log } from '@dchat/sdk/wire'
import type { Config } from '../config/schema.ts'
import { relayCrypto, systemClock } from '../platform.ts'
import { DEFAULT_LIMITS } from '../policy/limits.ts'
import type { Check } from '../selftest/check.ts'
import { selfTest } from '../selftest/self-test.ts'
import { lookBeside } from '../store/beside.ts'
import type { Output } from './output.ts'

const run = async (config: Config, signal: AbortSignal): Promise<readonly Check[]> => {
  const { seed, newest } = lookBeside(config.data)
  const crypto = relayCrypto()
  return selfTest({
    directory: config.data,
    connections: config.limits.connections ?? DEFAULT_LIMITS.connections,
    publicUrl: config.publicUrl,
    relayKey: await crypto.ed25519.publicKey(seed),
    newest,
    crypto,
    now: systemClock.now,
    signal,
  })
}

/** Looks at everything once and says it, one line each. Rejects with `transport/rejected` where something is wrong. */
export const selfTestNow = async (config: Config, { data, say }: Output): Promise<void> => {
  const checks = await run(config, new AbortController().signal)
  for (const check of checks) {
    data(check)
    say(`${check.state.padEnd(4)}  ${check.text}`)
  }
  const faults = checks.filter(({ state }) => state === 'fail')
  if (faults.length > 0)
    throw new DchatError(
      'transport/rejected',
      { relay: config.publicUrl ?? 'here', reason: `the self-test found ${faults.length} fault(s)` },
      { hint: 'The lines above say what to do.' },
    )
}

/** The same after a start, into the log. What keeps it from looking is logged too: the relay serves all the same. */
export const logSelfTest = async (config: Config, log: Log, signal: AbortSignal): Promise<void> => {
  try {
    for (const { check, state, text } of await run(config, signal))
      log[state === 'warn' || state === 'fail' ? 'warn' : 'info']('self-test', { check, state, text })
  } catch (error) {
    if (!signal.aborted) log.warn('self-test-failed', { name: error instanceof Error ? error.name : typeof error })
  }
}
