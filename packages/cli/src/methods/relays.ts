import { DchatError } from '@dchat/sdk/errors'
import { PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { RelayCalls, RelayStreams, RelayView } from './relay-types.ts'
import { chatToRead } from './resolve.ts'
import { caughtUp } from './synced.ts'

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
