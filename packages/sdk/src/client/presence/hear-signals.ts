import { ReplayWindow } from '../../domain/presence/replay-window.ts'
import { isDchatError } from '../../errors.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import { openSignal } from '../../protocol/signals/seal.ts'
import type { Signal } from '../../protocol/signals/signal.ts'
import { epochKeysOf } from '../../protocol/topic/epoch-keys.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { RoomSession } from '../rooms/session.ts'

const RETRY = 2_000

export type Hear = (signal: Signal, sender: Member) => Promise<void>

/** Hears a room's signals until the signal is aborted, over reconnects, epochs, moves and successors. */
export const hearSignals = async (session: RoomSession, hear: Hear, signal: AbortSignal): Promise<void> => {
  const { core } = session
  const window = new ReplayWindow()
  while (!signal.aborted) {
    const { topic, hub } = session.record
    const moved = new AbortController()
    const stop = session.moved.on((now) => {
      if (now.hub.url !== hub.url || !equalBytes(now.topic, topic)) moved.abort()
    })
    const both = AbortSignal.any([signal, moved.signal])
    try {
      await session.prove({ signal: both })
      const signals = core.links.get(hub.url).subscribe('signals', { topic }, { signal: both })
      for await (const { body } of signals) {
        const found = await accept(session, window, body)
        if (found !== undefined) await hear(found.signal, found.sender)
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!moved.signal.aborted && !isDchatError(error)) throw error
    } finally {
      stop()
    }
    await core.clock.sleep(RETRY, { signal })
  }
}

/** What counts of what a relay hands out (signals.md); everything else is dropped without a word. */
const accept = async (
  session: RoomSession,
  window: ReplayWindow,
  body: Uint8Array,
): Promise<{ readonly signal: Signal; readonly sender: Member } | undefined> => {
  const { core } = session
  const signal = await opened(session, body)
  const sender = session.group?.members.find(({ deviceKey }) => signal && equalBytes(deviceKey, signal.deviceKey))
  if (signal === undefined || sender === undefined || sender.address === core.self.address) return undefined
  await core.directory.get(sender.address)
  if (!core.directory.isActive(sender.address, sender.deviceKey)) return undefined
  return window.admit(toHex(sender.deviceKey), signal.time, core.clock.now()) ? { signal, sender } : undefined
}

/** The newest epoch first; the one before it counts too, unless its end took somebody out. */
const opened = async ({ core, record }: RoomSession, body: Uint8Array): Promise<Signal | undefined> => {
  const [before, newest] = record.epochs.length > 1 ? record.epochs.slice(-2) : [undefined, record.epochs[0]]
  const ending = record.commits.find(({ ended }) => ended === before?.epoch)
  const candidates = ending?.removed.length === 0 ? [newest, before] : [newest]
  for (const candidate of candidates) {
    if (candidate === undefined) continue
    const { signalKey } = epochKeysOf(candidate.seed)
    try {
      return await openSignal(core.crypto, signalKey, { topic: record.topic, epoch: candidate.epoch }, body)
    } catch (error) {
      if (!isDchatError(error)) throw error
      if (error.code !== 'crypto/cannot-decrypt') return undefined
    }
  }
  return undefined
}
