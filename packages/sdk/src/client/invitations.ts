import type { StoreWriter } from '../domain/store/store.ts'
import { activeDevices } from '../protocol/identity/log.ts'
import {
  decodeInvitationAnswer,
  decodeWelcomePointer,
  encodeInvitationAnswer,
  type WelcomePointer,
} from '../protocol/inbox/bodies.ts'
import type { Address } from '../records/ids.ts'
import { equalBytes, fromHex, toHex } from '../util/bytes.ts'
import { getConversation, groupId, groupOf, putConversation } from './conversation-store.ts'
import type { Core } from './core.ts'
import { putJob } from './jobs.ts'
import type { ConversationRecord, RoomRecord } from './records.ts'

/** Welcomes that wait for one answer; the newest count. */
const POINTERS = 8

/** An own device's answer to an invitation that this one has not got yet. */
interface EarlyAnswer {
  readonly accepted: boolean
  readonly at: number
}

/** ms that such an answer waits. */
const EARLY = 7 * 24 * 3_600_000
const early = (room: string): string => `answer/${room}`

/** Takes an invitation's answer, from this device or another one of this person. */
export const putAnswer = async (
  tx: StoreWriter,
  core: Core,
  { invitation, ...record }: ConversationRecord,
  accepted: boolean,
  tell = true,
): Promise<void> => {
  if (invitation === undefined || record.active === undefined) return
  const { self, clock } = core
  const now = clock.now()
  await putConversation(tx, { ...record, answered: accepted ? 'accepted' : 'declined' })
  for (const [at, pointer] of invitation.pointers.entries())
    await putJob(tx, `join/${record.active}/${at}`, { kind: 'join', from: invitation.from, pointer }, now)
  if (tell) await tellDevices(tx, core, record.active, accepted, activeDevices(self.log))
}

/** Tells the own other ones of these devices how an invitation was answered. */
export const tellDevices = async (
  tx: StoreWriter,
  { self, crypto, clock }: Core,
  room: string,
  accepted: boolean,
  devices: readonly { readonly deviceKey: Uint8Array }[],
): Promise<void> => {
  const body = encodeInvitationAnswer({ room: fromHex(room) as Uint8Array, accepted })
  for (const { deviceKey } of devices.filter(({ deviceKey }) => !self.isOwnDevice(deviceKey)))
    await putJob(
      tx,
      `post/answer/${room}/${toHex(deviceKey)}`,
      { kind: 'post', item: 'answer', address: self.address, deviceKey, body, reference: crypto.random(16) },
      clock.now(),
    )
}

/** An own device answered an invitation: this one follows. */
export const takeAnswer = async (core: Core, from: Address, body: Uint8Array): Promise<void> => {
  if (from !== core.self.address) return
  const { room, accepted } = decodeInvitationAnswer(body)
  await core.store.write(async (tx) => {
    const record = await getConversation(tx, groupId(toHex(room)))
    if (record?.invitation !== undefined) await putAnswer(tx, core, record, accepted, false)
    // It came before the invitation did.
    else if (record === undefined)
      tx.put('meta', { key: early(toHex(room)), value: { accepted, at: core.clock.now() } satisfies EarlyAnswer })
  })
}

/** A Welcome to a group that this person was not asked about yet waits, unopened; true if that is the case. */
export const keepInvitation = async (core: Core, from: Address, encoded: Uint8Array): Promise<boolean> => {
  const pointer = decodeWelcomePointer(encoded)
  if (pointer.kind === 'dm' || from === core.self.address) return false
  let isNew = false
  const kept = await core.store.write(async (tx) => {
    const room = toHex(pointer.room)
    const record = await groupOf(tx, room, pointer.name, core.clock.now())
    const known = await tx.get<RoomRecord>('rooms', room)
    const isIn = known !== undefined && known.state !== 'closed'
    if (isIn || record.answered !== undefined || record.restoring) return undefined
    if (record.invitation?.pointers.some((pointer) => equalBytes(pointer, encoded))) return record
    const answer = await tx.get<EarlyAnswer>('meta', early(room))
    tx.delete('meta', early(room))
    if (answer !== undefined && core.clock.now() - answer.at < EARLY) {
      const { declined: _, ...fresh } = record
      await putConversation(tx, { ...fresh, active: room, answered: answer.accepted ? 'accepted' : 'declined' })
      return undefined
    }
    isNew = true
    return invite(tx, core, record, from, pointer, encoded)
  })
  if (kept !== undefined && isNew) core.events.emit({ type: 'invitation', conversation: kept.id, from })
  return kept !== undefined
}

const invite = (
  tx: StoreWriter,
  core: Core,
  { declined: _, ...record }: ConversationRecord,
  from: Address,
  { room, name, people }: WelcomePointer,
  encoded: Uint8Array,
): Promise<ConversationRecord> => {
  const pointers = [...(record.invitation?.pointers ?? []), encoded].slice(-POINTERS)
  const invitation = { from, people, at: core.clock.now(), pointers }
  return putConversation(tx, { ...record, name, active: toHex(room), invitation }, { moveUp: true })
}

/** A Welcome that was answered and turned out to lead nowhere: the conversation is over before it began. */
export const dropAnswer = async (tx: StoreWriter, room: string): Promise<void> => {
  const record = await getConversation(tx, groupId(room))
  if (record?.answered === undefined) return
  const { answered, active: _, ...rest } = record
  await putConversation(tx, { ...rest, ...(answered === 'declined' ? { declined: true } : {}) })
}
