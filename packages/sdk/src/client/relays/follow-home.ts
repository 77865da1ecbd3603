import type { StoreWriter } from '../../domain/store/store.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import type { RoomRecord } from '../records.ts'
import { LEFT, leftRelays } from './left-relays.ts'

/** ms for which the inbox of a relay that was left is read: contacts learn where else to write when they hear of this person. */
const DRAIN = 30 * 24 * 3_600_000
const ROOMS = 100_000

/** What follows where the log names other home relays than before, in the write that makes it so. */
export const followHome = async (
  tx: StoreWriter,
  { clock }: Core,
  before: readonly RelayUrl[],
  now: readonly RelayUrl[],
): Promise<void> => {
  const left = before.filter((relay) => !now.includes(relay))
  const gained = now.filter((relay) => !before.includes(relay))
  if (left.length === 0 && gained.length === 0) return
  const known = (await leftRelays(tx)).filter((relay) => !now.includes(relay))
  tx.put('meta', { key: LEFT, value: [...new Set([...known, ...left])] })
  for (const relay of left) await putJob(tx, `leave-relay/${relay}`, { kind: 'leave-relay', relay }, clock.now(), DRAIN)
  for (const relay of gained) tx.delete('jobs', `leave-relay/${relay}`)
  await putJob(tx, 'publish-log', { kind: 'publish-log' }, clock.now())
  if (gained.length > 0) await archiveRooms(tx, clock.now())
}

const archiveRooms = async (tx: StoreWriter, now: number): Promise<void> => {
  for (const { value } of await tx.page<RoomRecord>('rooms', { scope: 'all', limit: ROOMS }))
    await putJob(tx, `archive/${value.id}`, { kind: 'archive', room: value.id }, now)
}

/** A home relay took this person that had refused them: it gets what it has missed, and key packages. */
export const admittedHome = async (tx: StoreWriter, { clock }: Pick<Core, 'clock'>, relay: RelayUrl): Promise<void> => {
  const now = clock.now()
  await putJob(tx, 'publish-log', { kind: 'publish-log' }, now)
  await putJob(tx, `copy-archive/${relay}`, { kind: 'copy-archive', relay }, now)
  await archiveRooms(tx, now)
}

/** The time of a relay that was left is over: its inbox is read no more. */
export const leaveRelay = async ({ store, self, events }: Core, relay: RelayUrl): Promise<void> => {
  await store.write(async (tx) => {
    tx.put('meta', { key: LEFT, value: (await leftRelays(tx)).filter((left) => left !== relay) })
  })
  events.emit({ type: 'home-relays', relays: self.relays })
}
