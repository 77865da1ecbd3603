import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError, type ErrorCode } from '../../errors.ts'
import type { MessageId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import { toHex } from '../../util/bytes.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { dropUntried } from '../message-life/pending.ts'
import { putMessage } from '../message-life/rows.ts'
import { toMessage } from '../message-view.ts'
import type { ActionIntent, IntentRecord, JobRecord, MessageRecord } from '../records.ts'

const PAGE = 1_000

/** What can never be sent leaves the queue and says why; a message's intent stays, so that it can be put back by hand. */
export const failIntents = async (core: Core, intents: readonly IntentRecord[], code: ErrorCode): Promise<void> => {
  const { failed, actions } = await core.store.write(async (tx) => {
    const failed: Message[] = []
    const actions = new Map<MessageId, ActionIntent>()
    for (const intent of intents) {
      const { messageId, action, room } = intent
      const message = messageId === undefined ? undefined : await tx.get<MessageRecord>('messages', messageId)
      if (action !== undefined) actions.set(action.id, action)
      if (message === undefined) {
        tx.delete('outbox', toHex(intent.reference))
        continue
      }
      tx.put('outbox', { key: toHex(intent.reference), value: intent })
      if (message.state !== 'queued' && message.state !== 'sending') continue
      const value: MessageRecord = { ...message, state: 'failed', failure: code }
      putMessage(tx, value)
      failed.push(toMessage(value))
      // What was to be done to it has nothing to be done to.
      for (const needless of await dropUntried(tx, room, message.id)) actions.set(needless.id, needless)
    }
    return { failed, actions }
  })
  for (const message of failed) core.updates.emit(message)
  for (const action of actions.values()) tellFailed(core, action, code)
}

/** An action has no row of its own that could show its failure. */
const tellFailed = ({ acted, events }: Core, { id, type }: ActionIntent, code: ErrorCode): void => {
  acted.emit({ id, failure: new DchatError('transport/rejected', { relay: 'the hub', reason: code }) })
  events.emit({ type: 'problem', code, message: `What was done to a message (${type}) could not be sent.` })
}

/**
 * Fails everything that waits for a room that cannot be opened. False, and nothing fails, where another try was asked for
 * since this one began.
 */
export const failUnsent = async (
  core: Core,
  { key, ordinal, conversation: id }: JobRecord & { readonly kind: 'open-dm' },
  code: ErrorCode,
): Promise<boolean> => {
  const intents = await core.store.read(async (tx) => {
    if ((await tx.get<JobRecord>('jobs', key))?.ordinal !== ordinal) return undefined
    const active = (await getConversation(tx, id))?.active
    return active === undefined ? [] : waiting(tx, active)
  })
  if (intents === undefined) return false
  await failIntents(core, intents, code)
  return true
}

/** Fails what still waits in a room that is over for this device, or will not be opened by it. */
export const failWaiting = async (
  core: Core,
  room: string,
  code: ErrorCode = 'conversation/not-member',
): Promise<void> => failIntents(core, await core.store.read((tx) => waiting(tx, room)), code)

const waiting = async (tx: StoreReader, room: string): Promise<readonly IntentRecord[]> =>
  (await tx.page<IntentRecord>('outbox', { scope: room, limit: PAGE })).map(({ value }) => value)
