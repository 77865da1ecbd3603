import { personOf } from '../../domain/rooms/permissions.ts'
import { isDchatError } from '../../errors.ts'
import type { ControlChange, RemovalOrder } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address } from '../../records/ids.ts'
import { inChunks } from '../../util/batches.ts'
import type { JobTask } from '../records.ts'
import type { Plan } from './commit.ts'
import { commitChange } from './commit-change.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'
import { signRemoval } from './sign-removal.ts'

/** People whom one commit takes out: it carries a log for each of them. */
const BATCH = 50

/**
 * Makes a change by an empty commit, against whatever won meanwhile, unless it `isDone` already. Throws
 * `conversation/not-permitted` and `conversation/not-member`.
 */
export const changeRoom = (
  session: RoomSession,
  isDone: (snapshot: Snapshot) => boolean,
  changes: readonly ControlChange[],
): Promise<void> =>
  commitChange(session, ({ snapshot }) => (isDone(snapshot) ? undefined : { change: { kind: 'update' }, changes }))

/** Takes people out, with all of their devices. */
export const removePeople = async (session: RoomSession, people: readonly Address[]): Promise<void> => {
  for (const some of inChunks(people, BATCH)) {
    const orders = await ordersFor(session, some)
    await commitChange(session, (now) => {
      const present = some.filter((address) => personOf(now.snapshot, address) !== undefined)
      const changes = present.map((address) => orders(now.snapshot, address))
      return present.length === 0 ? undefined : removal(now, present, changes)
    })
  }
}

/** The own word that people go, which others can show where a handover has undone it; good for the present stay. */
const ordersFor = async ({ core, snapshot: { room, ...now } }: RoomSession, people: readonly Address[]) => {
  const signed = new Map<Address, { readonly since: number; readonly order: RemovalOrder }>()
  for (const address of people) {
    const since = personOf(now, address)?.since
    if (since === undefined) continue
    signed.set(address, { since, order: await signRemoval(core, room, address, since) })
  }
  return (then: Snapshot, address: Address): ControlChange => {
    const known = signed.get(address)
    const isSameStay = known !== undefined && personOf(then, address)?.since === known.since
    return { kind: 'remove', address, ...(isSameStay ? { order: known.order } : {}) }
  }
}

/** Takes a person out by the word of somebody who did so where the conversation has not gone on from. */
export const repeatRemoval = (
  session: RoomSession,
  change: Extract<ControlChange, { readonly kind: 'remove' }>,
): Promise<void> =>
  commitChange(session, (now) =>
    personOf(now.snapshot, change.address) === undefined ? undefined : removal(now, [change.address], [change]),
  )

const removal = (session: RoomSession, people: readonly Address[], changes: readonly ControlChange[]): Plan => {
  const { members } = session.member()
  const leaves = members.filter(({ address }) => people.includes(address)).map(({ leaf }) => leaf)
  return { change: leaves.length === 0 ? { kind: 'update' } : { kind: 'remove', leaves }, changes }
}

/** Confirms that a person left, as long as the same stay lasts. */
export const removeLeft = async (
  rooms: Rooms,
  { room, address, deviceKey, signature }: Extract<JobTask, { readonly kind: 'remove-left' }>,
): Promise<void> => {
  const session = rooms.get(room)
  if (!session?.isMember) return
  try {
    await commitChange(session, (now) =>
      personOf(now.snapshot, address) === undefined
        ? undefined
        : removal(now, [address], [{ kind: 'left', address, deviceKey, signature }]),
    )
  } catch (error) {
    // The person came back since, and the statement was for an earlier stay; or its device is revoked.
    if (!isDchatError(error, 'conversation/not-permitted') && !isDchatError(error, 'conversation/not-member'))
      throw error
  }
}
