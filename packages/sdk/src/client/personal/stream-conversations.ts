import type { StoreReader } from '../../domain/store/store.ts'
import type { Conversation } from '../../records/conversation.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { gathered } from '../../util/gathered.ts'
import { dmId, getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import type { ConversationRecord } from '../records.ts'
import { conversationViews } from './conversation-views.ts'
import { listConversations } from './list-conversations.ts'

/** The first page is small, so that it is there soon; the others are read faster in large ones. */
const FIRST = 50
const PAGE = 500

/** Everything once, as the list has it, then each conversation again when it changed: only what was touched is read. */
export async function* streamConversations(
  core: Pick<Core, 'store' | 'self' | 'touched' | 'signal'>,
  options: Abortable = {},
): AsyncGenerator<Conversation> {
  const { store, self, touched } = core
  const signal = options.signal === undefined ? core.signal : AbortSignal.any([core.signal, options.signal])
  const seen = new Map<ConversationId, string>()
  const changes = gathered(touched, { signal })
  const fresh = (items: readonly Conversation[]): readonly Conversation[] =>
    items.filter((item) => {
      const shape = JSON.stringify(item)
      if (seen.get(item.id) === shape) return false
      seen.set(item.id, shape)
      return true
    })
  async function* everything() {
    let before: string | undefined
    do {
      const query = before === undefined ? { limit: FIRST } : { before, limit: PAGE }
      const page = await store.read((tx) => listConversations(tx, query))
      yield* fresh(page.items)
      before = page.next
    } while (before !== undefined && !signal.aborted)
  }
  try {
    yield* everything()
    for (let some = await changes.next(); some !== undefined; some = await changes.next()) {
      if (some.has(undefined)) {
        yield* everything()
        continue
      }
      const named = [...some] as readonly string[]
      const items = await store.read(async (tx) => conversationViews(tx, await recordsOf(tx, self.address, named)))
      yield* fresh(items)
    }
  } finally {
    changes.end()
  }
}

/** The conversations that are named, by themselves or by the other person. Those that were declined are not shown. */
const recordsOf = async (
  tx: StoreReader,
  own: Address,
  names: readonly string[],
): Promise<readonly ConversationRecord[]> => {
  const known = await Promise.all(
    names.map(
      async (name) =>
        (await getConversation(tx, name as ConversationId)) ?? getConversation(tx, dmId(own, name as Address)),
    ),
  )
  const shown = known.filter((record) => record !== undefined && !record.declined) as ConversationRecord[]
  return [...new Map(shown.map((record) => [record.id, record])).values()]
}
