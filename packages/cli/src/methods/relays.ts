import { type HomeRelays, parseRelayUrl } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { ChangeHome, HomeView, RelayCalls, RelayStreams, RelayView } from './relay-types.ts'
import { chatToRead } from './resolve.ts'
import { caughtUp } from './synced.ts'

/** ms that is waited for home relays which are said to be gone. */
const LOST_PATIENCE = 3_000

/** What this device knows of the relays that it uses. */
export async function* listRelays(
  engine: Engine,
  { offline, ...waiting }: RelayStreams['relay.list']['params'],
  signal: AbortSignal,
): AsyncGenerator<RelayView> {
  if (offline !== true)
    await caughtUp(engine, waiting, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      // That nobody answers is what the list then says.
      if (!(error instanceof DchatError) || !error.retryable) throw error
    })
  yield* await engine.client.links.health()
}

export const joinRelay = async (
  { client }: Engine,
  { invitation, timeout = PATIENCE }: RelayCalls['relay.join']['params'],
  signal: AbortSignal,
): Promise<RelayCalls['relay.join']['result']> => ({
  relay: await client.links.join(invitation, { timeout, signal }),
})

/** Where no home relay answers, the SDK says so, or does without if they are lost. */
const changeHome =
  (verb: keyof HomeRelays) =>
  async (
    { client, online }: Engine,
    { relay, patience = PATIENCE, ...options }: ChangeHome,
    signal: AbortSignal,
  ): Promise<HomeView> => {
    await online
      .ready(options.lost === true ? Math.min(patience, LOST_PATIENCE) : patience, signal)
      .catch((error: unknown) => {
        signal.throwIfAborted()
        if (!(error instanceof DchatError) || !error.retryable) throw error
      })
    return { relays: await client.homeRelays[verb](parseRelayUrl(relay), { ...options, signal }) }
  }

export const addHome = changeHome('add')
export const removeHome = changeHome('remove')
export const useHome = changeHome('use')

export const audit = async (
  { client, online }: Engine,
  { chat, timeout = WAIT, patience = PATIENCE }: RelayCalls['audit']['params'],
  signal: AbortSignal,
): Promise<RelayCalls['audit']['result']> => {
  await online.ready(patience, signal)
  const id = await chatToRead(client, chat)
  if (id === undefined) throw new DchatError('conversation/unknown', { conversation: chat })
  const late = AbortSignal.timeout(timeout)
  try {
    const { evidence, ...report } = await client.conversations.audit(id, { signal: AbortSignal.any([signal, late]) })
    return { ...report, evidence: Buffer.from(evidence).toString('base64') }
  } catch (error) {
    if (late.aborted && !signal.aborted) throw new DchatError('transport/unconfirmed', { waited: timeout })
    throw error
  }
}
