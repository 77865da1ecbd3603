import { composeContent } from '../../protocol/content/compose.ts'
import { roomUriOf, senderUriOf } from '../../protocol/content/message-id.ts'
import { reopenLog } from '../../protocol/identity/log.ts'
import { encodeEnvelope } from '../../protocol/messages/envelope.ts'
import { wrapEntry } from '../../protocol/topic/wrap.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { commitEntry } from './frame.ts'
import type { HostileMember } from './member.ts'

/** What a message says, and what it claims. */
export interface Claims {
  /** Default: the member's own address. */
  readonly sender?: Address
  /** MLS group id; default: the room that it is sent to. */
  readonly room?: Uint8Array
}

/** A message that MLS proves to be the member's, whatever its content claims. */
export const messageEntry = async (
  member: HostileMember,
  text: string,
  claims: Claims = {},
): Promise<{ readonly entry: EntryUpload; readonly next: HostileMember }> => {
  const { crypto, keys, room, group } = member
  const { message, next } = await sealed(member, text, claims)
  const context = { topic: room.topic, kind: 'application', epoch: group.epoch } as const
  const body = await wrapEntry(crypto, keys.wrapKey, context, message)
  const entry: EntryUpload = { kind: 'application', epoch: group.epoch, reference: crypto.random(16), body }
  return { entry, next: { ...member, group: next } }
}

/** An application message where a commit should be: it spends an epoch, and nobody is proven to have made it. */
export const applicationAsCommit = async (member: HostileMember, text: string): Promise<EntryUpload> =>
  commitEntry(member, (await sealed(member, text, {})).message, undefined)

const sealed = (member: HostileMember, text: string, claims: Claims) => {
  const { crypto, engine, room, group, self } = member
  const frame = {
    salt: crypto.random(16),
    senderUri: senderUriOf(claims.sender ?? self.address),
    roomUri: roomUriOf(claims.room ?? group.id),
  }
  const log = reopenLog(self.log)
  const envelope = encodeEnvelope({
    seen: { seq: room.seq, head: room.head },
    logHead: log.head,
    log: self.log,
    payload: { kind: 'content', content: composeContent({ type: 'text', text }, frame) },
  })
  return engine.encrypt(group, envelope, new Uint8Array(0))
}

/** What stands in the topic already, once more under another reference. */
export const replayed = (member: HostileMember, entry: Pick<EntryUpload, 'kind' | 'epoch' | 'body'>): EntryUpload => ({
  ...entry,
  reference: member.crypto.random(16),
})
