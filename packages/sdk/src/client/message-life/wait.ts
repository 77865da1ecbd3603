import { reached } from '../../domain/messages/state.ts'
import { DchatError } from '../../errors.ts'
import type { MessageId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Broadcast } from '../../util/broadcast.ts'
import type { Core } from '../core.ts'
import { toMessage } from '../message-view.ts'
import { getMessage } from './rows.ts'

const WAIT = 30_000

interface Bounded extends Abortable {
  /** ms; default 30,000. */
  readonly timeout?: number
}

/** Listens from the call on; ends with the caller's signal, the client's, or `transport/unconfirmed` when time is over. */
const listen = <T>(core: Core, broadcast: Broadcast<T>, options: Bounded) => {
  const waited = options.timeout ?? WAIT
  const over = new AbortController()
  const signals = [core.signal, over.signal, ...(options.signal === undefined ? [] : [options.signal])]
  const signal = AbortSignal.any(signals)
  const stream = broadcast.stream({ signal })
  core.clock.sleep(waited, { signal }).then(
    () => over.abort(new DchatError('transport/unconfirmed', { waited })),
    () => undefined,
  )
  return {
    next: async (): Promise<T> => {
      const next = await stream.next()
      if (next.done) throw new DchatError('usage/closed', { what: 'client' })
      return next.value
    },
    stop: async (): Promise<void> => {
      over.abort()
      await stream.return?.()
    },
  }
}

/** The message at the wanted state or a later one. */
export const messageReaches = async (
  core: Core,
  id: MessageId,
  state: 'sent' | 'delivered' | 'read',
  options: Bounded,
): Promise<Message> => {
  const listening = listen(core, core.updates, options)
  try {
    const record = await core.store.read((tx) => getMessage(tx, id))
    if (record === undefined) throw new DchatError('message/unknown', { messageId: id })
    let message = toMessage(record)
    while (!settled(message, state)) {
      const next = await listening.next()
      if (next.id === id) message = next
    }
    return message
  } finally {
    await listening.stop()
  }
}

/** Waits for an own action; made before the action is queued, so that its outcome cannot be missed. */
export const actionStands = (core: Core, options: Bounded) => {
  const listening = listen(core, core.acted, options)
  return {
    stop: listening.stop,
    /** Rejects with what became of the action where it does not stand. */
    until: async (id: MessageId): Promise<void> => {
      while (true) {
        const outcome = await listening.next()
        if (outcome.id !== id) continue
        if (outcome.failure !== undefined) throw outcome.failure
        return
      }
    },
  }
}

const failureOf = (message: Message): DchatError =>
  message.failure === 'identity/unknown-peer'
    ? new DchatError('identity/unknown-peer', {
        peer: 'the person of this conversation',
        hint: 'ask for an invite link',
      })
    : new DchatError('transport/rejected', { relay: 'the hub', reason: message.failure ?? 'it could not be sent' })

/** True at the wanted state; a failure is thrown with its own code where the table knows it. */
const settled = (message: Message, state: 'sent' | 'delivered' | 'read'): boolean => {
  if (message.state === 'failed') throw failureOf(message)
  return reached(message.state, state)
}
