import type { RelayLink } from '../../ports/transport.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import { announcementData, encodeAnnouncement, sealAnnouncement } from '../../protocol/topic/announcement.ts'
import { topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { topicIdOf } from '../../protocol/topic/ids.ts'
import { commitData } from './commits.ts'
import { commitEntry } from './frame.ts'
import { type HostileMember, proveTopic } from './member.ts'

/** An announcement as the offender would make it who wants to choose the successor and stay in it. */
export const announcementBy = async (member: HostileMember, seq: number): Promise<Uint8Array> => {
  const { crypto, engine, keys, room, group, snapshot } = member
  const nonce = crypto.random(16)
  const topic = topicIdOf(await topicKeyOf(crypto, keys), nonce)
  const changes: ControlChange[] = [{ kind: 'successor', topic: room.topic, seq }]
  const made = await engine.commit(group, { kind: 'update' }, commitData(member, changes))
  const after = { next: made.next, snapshot: { ...snapshot, term: snapshot.term + 1 } }
  const entry = await commitEntry(member, made.commit, after, {}, topic)
  const { reference, epoch, body, frame } = entry
  const plaintext = encodeAnnouncement({ seq, nonce, reference, epoch, body, frame: frame as Uint8Array })
  const context = { topic: room.topic, epoch }
  const { message } = await engine.encrypt(group, plaintext, announcementData(context))
  return sealAnnouncement(crypto, keys.wrapKey, context, message)
}

/** Puts anything into the successor list of the member's topic. */
export const putAnnouncement = async (member: HostileMember, link: RelayLink, body: Uint8Array): Promise<number> => {
  await proveTopic(member, link, member.room.topic)
  const { topic } = member.room
  const { seq } = await link.request('successor.put', { topic, reference: member.crypto.random(16), body })
  return seq
}
