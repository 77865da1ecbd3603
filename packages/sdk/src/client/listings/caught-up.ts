import { activeDevices, deviceOf } from '../../protocol/identity/log.ts'
import { within } from '../../util/wait.ts'
import type { Core } from '../core.ts'
import { ASKED, ENTERED } from '../personal/entered.ts'
import { selfRoom } from '../personal/send.ts'
import type { JobRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { RoomSession } from '../rooms/session.ts'
import { notCounted } from './lease.ts'

const JOBS = 10_000
/** ms for one relay to answer, and for everything that the relays hold to be read. */
const RELAY = 5_000
const PATIENCE = 30_000

interface Look {
  readonly uncounted: boolean
  readonly signal: AbortSignal
}

/**
 * Before a listing is counted: every conversation has been read to its end, no revoked own device is in any of them, and
 * the other own devices have told what they did. Throws `offer/not-counted`, and `transport/unreachable` where a relay
 * does not answer.
 */
export const lookAround = async (core: Core, rooms: Rooms, id: string, { uncounted, signal }: Look): Promise<void> => {
  const waiting = await core.store.read(async (tx) => {
    const jobs = await tx.page<JobRecord>('jobs', { scope: 'all', limit: JOBS })
    return jobs.map(({ value }) => value.kind)
  })
  const isWaiting = (...kinds: readonly JobRecord['kind'][]) => waiting.some((kind) => kinds.includes(kind))
  if (isWaiting('read-archive', 'join', 'replace-leaf'))
    throw notCounted(id, 'this device is still entering conversations')
  const known = rooms.all().filter(({ record }) => record.state !== 'closed' && record.state !== 'creating')
  const open = known.filter(({ record }) => record.state === 'open')
  if (!uncounted && (open.length < known.length || isWaiting('ask')))
    throw notCounted(id, 'this device is not let into all conversations yet')
  await readAll(core, rooms, id, open, signal)
  const log = core.directory.peek(core.self.address) ?? core.self.log
  const isOut = ({ group }: RoomSession) =>
    !group?.members.some(
      ({ address, deviceKey }) => address === log.address && deviceOf(log, deviceKey)?.revokedAt !== undefined,
    )
  const left = open.filter((session) => session.record.state === 'open' && !isOut(session)).length
  if (left > 0) throw notCounted(id, `a device that you revoked is not out of ${left} conversations yet`)
  if (activeDevices(log).length > 1 && !(await haveTold(core, rooms)))
    throw notCounted(id, 'your other devices have not told yet what they did')
}

const readAll = async (
  core: Core,
  rooms: Rooms,
  id: string,
  open: readonly RoomSession[],
  signal: AbortSignal,
): Promise<void> => {
  const read = async (over: AbortSignal) => {
    for (const { hub } of new Map(open.map(({ record }) => [record.hub.url, record])).values())
      await core.links.get(hub.url).ready({ signal: over, timeout: RELAY })
    // A signal for each room: platforms warn about one that very many listen to.
    await Promise.all(open.map((session) => rooms.catchUp(session, { signal: AbortSignal.any([over]) })))
  }
  if (!(await within(core.clock, PATIENCE, read, { signal })))
    throw notCounted(id, 'this device is still reading conversations')
}

const haveTold = async ({ store }: Core, rooms: Rooms): Promise<boolean> => {
  const { room, isAsking } = await store.read(async (tx) => ({
    room: await selfRoom(tx),
    isAsking: (await tx.get('meta', ASKED)) !== undefined || (await tx.get('meta', ENTERED)) !== undefined,
  }))
  return !isAsking && room !== undefined && rooms.get(room)?.isMember === true
}
