import { DchatError, type ErrorCode, isDchatError } from '../../errors.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import {
  type Announcement,
  announcementData,
  decodeAnnouncement,
  openAnnouncement,
} from '../../protocol/topic/announcement.ts'
import { entryHash } from '../../protocol/topic/entry.ts'
import { epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { topicIdOf } from '../../protocol/topic/ids.ts'
import type { Receipt, SuccessorItem } from '../../protocol/wire/methods.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { OpeningRecord, RoomRecord } from '../records.ts'
import { publishCommit } from './commit.ts'
import { judgeCommit, type Parent } from './judge-commit.ts'
import { answerOf } from './opening.ts'
import { keysOf, type RoomSession, showKey, showNewestKey } from './session.ts'
import { LostCommit, VoidCommit } from './verdicts.ts'

const TIMEOUT = 15_000
const PAGE = 16

type Ended = NonNullable<RoomRecord['voided']>

/** Where a room goes on. */
export interface Successor {
  readonly topic: Uint8Array
  readonly nonce: Uint8Array
  readonly commit: Pick<Announcement, 'reference' | 'epoch' | 'body' | 'frame'>
  /** The own announcement. */
  readonly own?: OpeningRecord
}

/**
 * The first entitled announcement in the list of the room's topic; undefined while there is none. Order decides, and what
 * is skipped is skipped by everybody: only what all members of the last valid epoch share is looked at.
 */
export const findSuccessor = async (session: RoomSession, ended: Ended): Promise<Successor | undefined> => {
  const { core, record } = session
  const link = core.links.get(record.hub.url)
  await showNewestKey(session)
  let after = 0
  while (true) {
    const { items } = await link.request(
      'successor.list',
      { topic: record.topic, after, limit: PAGE },
      { signal: core.signal, timeout: TIMEOUT },
    )
    for (const item of items) {
      const found = await entitled(session, ended, item)
      if (found !== undefined && (await stands(session, found))) return found
      after = item.seq
    }
    if (items.length === 0) return undefined
  }
}

/** What an item announces, if its author may and the commit in it is valid; else undefined. */
const entitled = async (
  session: RoomSession,
  ended: Ended,
  { body }: SuccessorItem,
): Promise<Successor | undefined> => {
  const { opening } = session.record
  if (opening !== undefined && equalBytes(opening.sealed, body)) {
    const { topic, nonce, pending } = opening
    return { topic, nonce, commit: pending, own: opening }
  }
  try {
    const { announcement, author } = await opened(session, ended, body)
    return await judged(session, ended, announcement, author)
  } catch (error) {
    if (!(error instanceof VoidCommit) && !(isDchatError(error) && CONTENT.test(error.code))) throw error
    session.core.log.info('announcement skipped', {})
    return undefined
  }
}

/** Codes that speak of what was read; all others are a matter of this device or its links, and decide nothing. */
const CONTENT = /^(protocol|crypto|conversation|identity)\//

const refuse = (reason: string) => new DchatError('conversation/void', { reason })

const opened = async (
  { core, record, group }: RoomSession,
  ended: Ended,
  sealed: Uint8Array,
): Promise<{ announcement: Announcement; author: Member }> => {
  const keys = keysOf(record, ended.epoch)
  if (keys === undefined || group === undefined) throw refuse('the keys of its epoch are gone')
  const context = { topic: record.topic, epoch: ended.epoch }
  const message = await openAnnouncement(core.crypto, keys.wrapKey, context, sealed)
  // The state after it is dropped: the list is read again at the next look.
  const { plaintext, authenticatedData, sender, epoch } = await core.engine.decrypt(group, message)
  if (epoch !== ended.epoch || !equalBytes(authenticatedData, announcementData(context)))
    throw refuse('the message in it is for something else')
  if (sender.address === ended.offender) throw refuse('its author made the void commit')
  return { announcement: decodeAnnouncement(plaintext), author: sender }
}

const judged = async (
  { core, record, group, snapshot }: RoomSession,
  ended: Ended,
  { seq, nonce, ...commit }: Announcement,
  author: Member,
): Promise<Successor> => {
  const keys = keysOf(record, ended.epoch)
  if (keys === undefined || group === undefined) throw refuse('the keys of its epoch are gone')
  if (seq !== ended.seq || commit.epoch !== ended.epoch) throw refuse('it answers another commit')
  const topic = topicIdOf(await topicKeyOf(core.crypto, keys), nonce)
  const parent: Parent = { group, snapshot, keys, voided: answerOf(record.topic, ended) }
  const committer = await judgeCommit(core, parent, { topic, ...commit }).then(
    ({ view }) => view.committer,
    (error: unknown) => {
      // Valid for everybody, though not to be followed by this device: it asks to be let in over there.
      if (error instanceof LostCommit) return error.author
      throw error
    },
  )
  if (!equalBytes(committer.deviceKey, author.deviceKey)) throw refuse('its author did not make the commit in it')
  return { topic, nonce, commit }
}

/**
 * Opens the announced topic, or finds it open: any member can, and repeats what its opener did. Who knows the epoch's keys
 * could have opened it with something else; then it is no successor, for everybody who looks.
 */
export const stands = async (session: RoomSession, { topic, nonce, commit }: Successor): Promise<boolean> => {
  const { core, record } = session
  const { url } = record.hub
  const found = record.epochs.find(({ epoch }) => epoch === commit.epoch)
  if (found === undefined) return false
  await showKey(core, url, topic, found.seed)
  const create = { nonce, key: await topicKeyOf(core.crypto, epochKeysOf(found.seed)), epoch: commit.epoch }
  const receipt = await publishCommit(core, url, { topic, create }, { ...commit, blobs: [] }).then(
    ([first]) => first,
    async (error: unknown) => {
      if (!isDchatError(error) || !REFUSALS.includes(error.code)) throw error
      return firstOf(session, topic)
    },
  )
  if (receipt === undefined) return false
  await session.verify(receipt)
  return receipt.seq === 1 && equalBytes(receipt.entry, entryHash({ topic, kind: 'commit', ...commit }))
}

/** What a hub answers to the first commit of a topic that has another one. */
export const REFUSALS: readonly ErrorCode[] = ['relay/wrong-epoch', 'relay/not-permitted', 'relay/conflict']

const firstOf = async ({ core, record }: RoomSession, topic: Uint8Array): Promise<Receipt | undefined> => {
  const { entries } = await core.links
    .get(record.hub.url)
    .request('topic.read', { topic, after: 0, limit: 1 }, { signal: core.signal, timeout: TIMEOUT })
  return entries[0]?.receipt
}
