import { DchatError } from '../../errors.ts'
import type { ConversationId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { toMessage } from '../message-view.ts'
import { hiddenMessages } from '../people/silence.ts'
import { getControl } from '../rooms/session.ts'
import { getMessage } from './rows.ts'

/** What is pinned in a conversation, in the order of pinning, as far as this device has it. */
export const pinnedMessages = (core: Core, conversation: ConversationId): Promise<readonly Message[]> =>
  core.store.read(async (tx) => {
    const record = await getConversation(tx, conversation)
    if (record === undefined) throw new DchatError('conversation/unknown', { conversation })
    const control = record.active === undefined ? undefined : await getControl(tx, record.active)
    const messages: Message[] = []
    const isHidden = hiddenMessages(tx, core)
    for (const pin of control?.snapshot.pins ?? []) {
      const message = await getMessage(tx, pin)
      if (message !== undefined && !(await isHidden(message))) messages.push(toMessage(message))
    }
    return messages
  })
