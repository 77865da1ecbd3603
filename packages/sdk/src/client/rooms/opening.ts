import { byRole, wantedKey } from '../../domain/rooms/commit-key.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import { announcementData, encodeAnnouncement, sealAnnouncement } from '../../protocol/topic/announcement.ts'
import { topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { TOPIC_NONCE_LENGTH, topicIdOf } from '../../protocol/topic/ids.ts'
import type { Address } from '../../records/ids.ts'
import type { OpeningRecord, RoomRecord } from '../records.ts'
import { newCommitKey } from './commit-key.ts'
import { keepCommit, makeCommit } from './make-commit.ts'
import { keysOf, type RoomSession } from './session.ts'

type Ended = NonNullable<RoomRecord['voided']>

/** What the first commit of a successor answers. */
export const answerOf = (topic: Uint8Array, { seq, offender }: Ended): NonNullable<RoomRecord['successor']> => ({
  topic,
  seq,
  ...(offender === undefined ? {} : { offender }),
})

/** Devices that may open a successor, in the order of their turns: owners', admins', members', each in leaf order. */
export const openers = (
  { people }: Pick<Snapshot, 'people'>,
  members: readonly Member[],
  offender: Address | undefined,
): readonly Member[] =>
  byRole(
    { people },
    members.filter(({ address }) => address !== offender),
  )

/**
 * Makes the successor's first commit, which takes the offender out, and its announcement, and stores both before anything
 * leaves. Does nothing where that was done before, or where the room has moved on. Throws `conversation/not-permitted`.
 */
export const prepareOpening = (session: RoomSession, ended: Ended): Promise<OpeningRecord | undefined> =>
  session.lock.run(async () => {
    const { core, record, group } = session
    const { crypto, engine } = core
    if (record.opening !== undefined) return record.opening
    const keys = keysOf(record, ended.epoch)
    if (record.voided !== ended || group === undefined || keys === undefined || record.stale) return undefined
    const answer = answerOf(record.topic, ended)
    const nonce = crypto.random(TOPIC_NONCE_LENGTH)
    const topic = topicIdOf(await topicKeyOf(crypto, keys), nonce)
    const leaves = group.members.filter(({ address }) => address === ended.offender).map(({ leaf }) => leaf)
    const change = leaves.length === 0 ? ({ kind: 'update' } as const) : ({ kind: 'remove', leaves } as const)
    const wanted = wantedKey(session.snapshot, group.members, ended.offender)
    const key = wanted === undefined ? {} : { commitKey: await newCommitKey(core, session.snapshot.room, wanted) }
    const changes = [{ kind: 'successor', ...answer, ...key }] as const
    const { pending, made } = await makeCommit(session, { change, changes }, { topic, voided: answer })
    const { reference, epoch, body, frame } = pending
    const announcement = encodeAnnouncement({ seq: ended.seq, nonce, reference, epoch, body, frame })
    const context = { topic: record.topic, epoch }
    const { message, next } = await engine.encrypt(group, announcement, announcementData(context))
    const opening: OpeningRecord = {
      topic,
      nonce,
      pending,
      sealed: await sealAnnouncement(crypto, keys.wrapKey, context, message),
      reference: crypto.random(16),
    }
    const moved = { record: { ...record, opening }, group: next }
    await keepCommit(session, made, moved)
    engine.forget(next)
    return opening
  })
