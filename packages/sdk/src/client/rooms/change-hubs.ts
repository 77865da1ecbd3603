import { DchatError } from '../../errors.ts'
import { areSameHubs, HUBS_LIMIT, type Hub, isSameHub } from '../../protocol/topic/hub.ts'
import type { ConversationHubs } from '../../records/group.ts'
import type { ConversationId, RelayUrl } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { changeConversation, sessionOf } from '../change-conversation.ts'
import type { ChangeOptions } from '../client.ts'
import type { Core } from '../core.ts'
import type { RoomRecord } from '../records.ts'
import { changeRoom } from './change-room.ts'
import { commitChange } from './commit-change.ts'
import { hubsIn } from './hubs-in.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** ms in which a relay that is named must answer, so that its key is known. */
const PATIENCE = 10_000

export const viewHubs = (session: RoomSession): ConversationHubs => ({
  hub: session.record.hub.url,
  hubs: hubsIn(session).map(({ url }) => url),
})

/** Where a conversation lives, and may go on (hubs.md). */
export const conversationHubs = async (core: Core, rooms: Rooms, id: ConversationId): Promise<ConversationHubs> =>
  viewHubs(await sessionOf(core, rooms, id))

const invalid = (reason: string) => new DchatError('usage/invalid-argument', { name: 'relays', reason })

/** Moves a conversation to another relay of its list; the end of the present topic stands in its log (hubs.md). */
export const moveTo = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  relay: RelayUrl,
  options: ChangeOptions,
): Promise<void> => {
  await changeConversation(core, rooms, id, options, async (session) => {
    const hub = hubsIn(session).find(({ url }) => url === relay)
    if (hub === undefined) throw invalid('the conversation does not name this relay')
    const { topic } = session.record
    if (isSameHub(hub, session.record.hub)) return
    await commitChange(session, ({ record }) =>
      equalBytes(record.topic, topic) ? { change: { kind: 'update' }, changes: [{ kind: 'move', hub }] } : undefined,
    )
    await session.until((record) => !equalBytes(record.topic, topic) || LEFT.includes(record.state))
  })
}

const LEFT: readonly RoomRecord['state'][] = ['rejoining', 'closed']

/** Names the relays that may be the hub, in the order in which they take it over. The present one stays among them. */
export const setHubs = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  relays: readonly RelayUrl[],
  options: ChangeOptions,
): Promise<void> => {
  const urls = [...new Set(relays)]
  if (urls.length < 1 || urls.length > HUBS_LIMIT) throw invalid(`name 1 to ${HUBS_LIMIT} relays`)
  await changeConversation(core, rooms, id, options, async (session) => {
    const { hub } = session.record
    if (!urls.includes(hub.url))
      throw invalid('the relay where the conversation is now stays among them; move it first')
    const known = [hub, ...hubsIn(session)]
    const hubs: Hub[] = []
    for (const url of urls)
      hubs.push(
        known.find((other) => other.url === url) ?? {
          url,
          key: await core.links.relayKey(url, { signal: core.signal, timeout: PATIENCE }),
        },
      )
    if (hubs.some((hub, at) => hubs.findIndex((other) => isSameHub(hub, other)) !== at))
      throw invalid('two of the addresses lead to one relay')
    await changeRoom(session, (now) => areSameHubs(now.hubs ?? [session.record.hub], hubs), [{ kind: 'hubs', hubs }])
  })
}
