import { personOf } from '../../domain/rooms/permissions.ts'
import { leaveStatement } from '../../protocol/messages/leave-statement.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import { isAlone } from './after-commit.ts'
import { refuse } from './apply-commit.ts'
import type { RoomSession } from './session.ts'
import { TURN } from './turn.ts'
import type { Work } from './work.ts'

/** A person who says goodbye is taken out by any member: the first leaf at once, the others later if it still stands. */
export const readLeave = async (
  session: RoomSession,
  work: Work,
  sender: Member,
  signature: Uint8Array,
): Promise<void> => {
  const { crypto, self } = session.core
  const { snapshot } = work.control
  const { address, deviceKey } = sender
  const person = personOf(snapshot, address)
  if (snapshot.kind !== 'group' || person === undefined) throw refuse('nobody leaves here')
  const statement = leaveStatement(snapshot.room, address, person.since)
  if (!(await crypto.ed25519.verify(deviceKey, statement, signature)))
    throw refuse('its leave statement does not verify')
  if (address === self.address) {
    work.record = { ...work.record, leaving: true }
    if (isAlone(snapshot)) work.halt = 'closed'
    return
  }
  const staying = work.group?.members.filter((member) => member.address !== address) ?? []
  const turn = staying.findIndex((member) => self.isOwnDevice(member.deviceKey))
  const task = { kind: 'remove-left', room: work.record.id, address, deviceKey, signature } as const
  const after = Math.max(turn, 0) * TURN
  work.effects.push({ kind: 'job', key: `remove-left/${work.record.id}/${address}`, task, after })
}
