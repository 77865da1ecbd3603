import type { StoreWriter } from '../domain/store/store.ts'
import { activeDevices } from '../protocol/identity/log.ts'
import { decodeInvitationAnswer } from '../protocol/inbox/bodies.ts'
import type { Address } from '../records/ids.ts'
import { toHex } from '../util/bytes.ts'
import { getConversation, groupId, putConversation } from './conversation-store.ts'
import type { Core } from './core.ts'
import { putJob } from './jobs.ts'
import type { ConversationRecord, RoomRecord } from './records.ts'
import { askFor } from './rooms/leave.ts'
import { getControl } from './rooms/session.ts'
import { tellDevices } from './tell-devices.ts'

/** An own device's answer to an invitation that this one has not got yet. */
export interface EarlyAnswer {
  readonly accepted: boolean
  readonly at: number
}

/** ms that such an answer waits. */
export const EARLY = 7 * 24 * 3_600_000
export const early = (room: string): string => `answer/${room}`

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
  if (invitation.pointers.length === 0) await askToComeBack(tx, core, record.active)
  if (tell) await tellDevices(tx, core, record.active, accepted, activeDevices(self.log))
}

/** ms that an answer counts, where it is not known whether this person is in. */
const COMING_BACK = 30 * 24 * 3_600_000

/** A room that this device was taken out of, as far as its store knows: whoever is in lets it in, if its person is in too. */
export const askToComeBack = async (
  tx: StoreWriter,
  core: Pick<Core, 'self' | 'clock'>,
  room: string,
): Promise<void> => {
  const record = await tx.get<RoomRecord>('rooms', room)
  const control = await getControl(tx, room)
  if (record?.state !== 'closed' || control === undefined) return
  const now = core.clock.now()
  const ask = askFor({ core, snapshot: control.snapshot }, record)
  await putJob(tx, `ask/${room}`, { ...ask, perhapsUntil: now + COMING_BACK }, now)
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

/** A Welcome that was answered and turned out to lead nowhere: the conversation is over before it began. */
export const dropAnswer = async (tx: StoreWriter, room: string): Promise<void> => {
  const record = await getConversation(tx, groupId(room))
  if (record?.answered === undefined) return
  const { answered, active: _, ...rest } = record
  await putConversation(tx, { ...rest, ...(answered === 'declined' ? { declined: true } : {}) })
}
