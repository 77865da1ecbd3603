import type { RelayLink } from '../../ports/transport.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import { announcementData, encodeAnnouncement, sealAnnouncement } from '../../protocol/topic/announcement.ts'
import { topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { topicIdOf } from '../../protocol/topic/ids.ts'
import type { EntryUpload, Receipt } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { commitData } from './commits.ts'
import { commitEntry } from './frame.ts'
import { type HostileMember, proveTopic } from './member.ts'

export interface HostileAnnouncement {
  /** What goes into the old topic's list. */
  readonly sealed: Uint8Array
  /** The topic that it announces, and its first commit. */
  readonly topic: Uint8Array
  readonly nonce: Uint8Array
  readonly commit: EntryUpload
}

/**
 * An announcement that answers the void commit at `seq`: as an honest member would make it if `offender` is the one who
 * is proven, as the offender would like it who wants to stay if there is none.
 */
export const announcementBy = async (
  member: HostileMember,
  seq: number,
  offender?: Address,
): Promise<HostileAnnouncement> => {
  const { crypto, engine, keys, room, group, snapshot } = member
  const nonce = crypto.random(16)
  const topic = topicIdOf(await topicKeyOf(crypto, keys), nonce)
  const leaves = group.members.filter(({ address }) => address === offender).map(({ leaf }) => leaf)
  const answer: ControlChange = { kind: 'successor', topic: room.topic, seq, ...(offender ? { offender } : {}) }
  const change = offender ? ({ kind: 'remove', leaves } as const) : ({ kind: 'update' } as const)
  const made = await engine.commit(group, change, commitData(member, [answer]))
  const people = snapshot.people.filter(({ address }) => address !== offender)
  const after = { next: made.next, snapshot: { ...snapshot, people, term: snapshot.term + 1 } }
  const commit = await commitEntry(member, made.commit, after, { removes: leaves.length > 0 }, topic)
  const { reference, epoch, body, frame } = commit
  const plaintext = encodeAnnouncement({ seq, nonce, reference, epoch, body, frame: frame as Uint8Array })
  const context = { topic: room.topic, epoch }
  const { message } = await engine.encrypt(group, plaintext, announcementData(context))
  return { sealed: await sealAnnouncement(crypto, keys.wrapKey, context, message), topic, nonce, commit }
}

/** Puts anything into the successor list of the member's topic. */
export const putAnnouncement = async (member: HostileMember, link: RelayLink, body: Uint8Array): Promise<number> => {
  await proveTopic(member, link, member.room.topic)
  const { topic } = member.room
  const { seq } = await link.request('successor.put', { topic, reference: member.crypto.random(16), body })
  return seq
}

/** Opens an announced topic with another commit than the announced one: whoever knows the epoch's keys can. */
export const squatTopic = async (
  member: HostileMember,
  link: RelayLink,
  { topic, nonce }: Pick<HostileAnnouncement, 'topic' | 'nonce'>,
): Promise<readonly Receipt[]> => {
  const { crypto, keys, group } = member
  await proveTopic(member, link, topic)
  const create = { nonce, key: await topicKeyOf(crypto, keys), epoch: group.epoch }
  const noise = await commitEntry(member, crypto.random(300), undefined, {}, topic)
  return (await link.request('topic.publish', { topic, create, entries: [noise] })).receipts
}
