import { nextSignalTime } from '../../domain/presence/replay-window.ts'
import { isDchatError } from '../../errors.ts'
import { sealSignal } from '../../protocol/signals/seal.ts'
import type { SignalKind } from '../../protocol/signals/signal.ts'
import { epochOf, type RoomSession } from '../rooms/session.ts'

const TIMEOUT = 10_000
const NOTHING = new Uint8Array(0)

/** Sends signals, each with a later time than the one before in the same room. */
export class SignalSender {
  readonly #last = new Map<string, number>()

  /** True if it went out. A signal waits for nothing: without a connection it is dropped. */
  async send(session: RoomSession, kind: SignalKind, signal: AbortSignal): Promise<boolean> {
    const { core, record } = session
    const { crypto, clock, links, self, log } = core
    const link = links.get(record.hub.url)
    const epoch = epochOf(record)
    const keys = session.keysOf(epoch)
    if (!session.isMember || keys === undefined || link.state.state !== 'ready') return false
    const { topic } = record
    const time = nextSignalTime(clock.now(), this.#last.get(session.id))
    this.#last.set(session.id, time)
    const { deviceKey, seed } = self.record
    const said = { kind, deviceKey, time, payload: NOTHING }
    try {
      const body = await sealSignal(crypto, keys.signalKey, { topic, epoch }, seed, said)
      await session.prove({ signal })
      await link.request('signal.send', { topic, body }, { signal, timeout: TIMEOUT })
      return true
    } catch (error) {
      if (signal.aborted || !isDchatError(error)) throw error
      log.debug('signal dropped', { code: error.code })
      return false
    }
  }
}
