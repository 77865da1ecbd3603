import { DchatError, isDchatError } from '../../errors.ts'
import { areSameHubs, HUBS_LIMIT, type Hub, isSameHub } from '../../protocol/topic/hub.ts'
import type { ConversationHubs } from '../../records/group.ts'
import type { ConversationId, RelayUrl } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { changeConversation, sessionOf } from '../change-conversation.ts'
import type { ChangeOptions } from '../client.ts'
import type { Core } from '../core.ts'
import { isCaughtNow } from '../faults/leave-hub.ts'
import type { RoomRecord } from '../records.ts'
import { changeRoom } from './change-room.ts'
import { commitChange } from './commit-change.ts'
import { hasElsewhere, hubsIn } from './hubs-in.ts'
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

/** Why nothing can be ordered at the only hub of a conversation; undefined where something may be. */
const stuckFor = async (session: RoomSession): Promise<string | undefined> => {
  if (hasElsewhere(session)) return undefined
  const { core, record } = session
  if (await isCaughtNow(session)) return 'was caught at a lie'
  const answers = await core.links.reach(record.hub.url, { signal: core.signal }).then(
    () => true,
    (error: unknown) => {
      core.signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      return false
    },
  )
  return answers ? undefined : 'does not answer'
}

const onlyHub = ({ record: { conversation, hub } }: RoomSession, reason: string, options?: ErrorOptions) =>
  new DchatError('conversation/only-hub', { conversation, relay: hub.url, reason }, options)

/** What cannot come about because the conversation has one hub alone, which has failed, says so (hubs.md). */
const orStuck = async (session: RoomSession, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (!isDchatError(error, 'transport/unreachable') && !isDchatError(error, 'transport/unconfirmed')) throw error
    const reason = await stuckFor(session)
    throw reason === undefined ? error : onlyHub(session, reason, { cause: error })
  }
}

/** Moves a conversation to another relay of its list; the end of the present topic stands in its log (hubs.md). */
export const moveTo = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  relay: RelayUrl,
  options: ChangeOptions,
): Promise<void> => {
  const work = async (session: RoomSession): Promise<void> => {
    const hub = hubsIn(session).find(({ url }) => url === relay)
    if (hub === undefined) {
      const reason = await stuckFor(session)
      throw reason === undefined ? invalid('the conversation does not name this relay') : onlyHub(session, reason)
    }
    const { topic } = session.record
    if (isSameHub(hub, session.record.hub)) return
    await commitChange(session, ({ record }) =>
      equalBytes(record.topic, topic) ? { change: { kind: 'update' }, changes: [{ kind: 'move', hub }] } : undefined,
    )
    await session.until((record) => !equalBytes(record.topic, topic) || LEFT.includes(record.state))
  }
  await changeConversation(core, rooms, id, options, work)
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
  const work = async (session: RoomSession): Promise<void> => {
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
  }
  const session = await sessionOf(core, rooms, id)
  await orStuck(session, () => changeConversation(core, rooms, id, options, work))
}
