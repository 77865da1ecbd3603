import { DRAFT_BYTES } from '../../domain/personal/draft.ts'
import { choicesOf } from '../../domain/personal/settings.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { ConversationId } from '../../records/ids.ts'
import type { Draft, NotifyRule } from '../../records/personal.ts'
import { utf8 } from '../../util/bytes.ts'
import type { PersonalConversations } from '../api/personal.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { listRegisters, type RegisterKind, type RegisterValues, setRegister } from './registers.ts'

const invalid = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })

/** What a person does to its own view of a conversation. */
export const personalWork = (core: Core): PersonalConversations => {
  const set = <K extends RegisterKind>(
    kind: K,
    id: ConversationId,
    valueIn: (tx: StoreWriter) => Promise<RegisterValues[K] | undefined> | RegisterValues[K] | undefined,
  ): Promise<void> =>
    core.store.write(async (tx) => {
      if ((await getConversation(tx, id)) === undefined)
        throw new DchatError('conversation/unknown', { conversation: id })
      await setRegister(tx, core, kind, id, await valueIn(tx))
    })
  return {
    setDraft: async (id, draft) => set('draft', id, () => checkedDraft(draft)),
    setPinned: async (id, pinned) =>
      set('pin', id, async (tx) => {
        if (!pinned) return undefined
        const pins = await listRegisters(tx, 'pin')
        const known = pins.find(({ subject }) => subject === id)
        return known?.value ?? Math.max(0, ...pins.map(({ value }) => value + 1))
      }),
    setArchived: async (id, archived) => set('archived', id, () => (archived ? true : undefined)),
    setNotify: async (id, rule) => set('notify', id, () => checkedRule(rule)),
  }
}

const checkedDraft = (draft: Draft | undefined): Draft | undefined => {
  if (draft === undefined) return undefined
  const { text, replyTo } = draft
  if (utf8(text).length > DRAFT_BYTES) throw invalid('draft', `it has at most ${DRAFT_BYTES} bytes`)
  if (text === '' && replyTo === undefined) return undefined
  return { text, ...(replyTo === undefined ? {} : { replyTo }) }
}

const checkedRule = (rule: NotifyRule | undefined): NotifyRule | undefined => {
  if (rule === undefined) return undefined
  const { level, until } = rule
  if (!choicesOf('notify').includes(level)) throw invalid('level', `it is one of ${choicesOf('notify').join(', ')}`)
  if (until !== undefined && (!Number.isSafeInteger(until) || until < 0))
    throw invalid('until', 'it is a moment in ms since 1970')
  return { level, ...(until === undefined ? {} : { until }) }
}
