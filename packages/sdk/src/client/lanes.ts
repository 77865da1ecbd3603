import { DchatError } from '../errors.ts'
import { decodeRoomStateOffer, decodeWelcomePointer } from '../protocol/inbox/bodies.ts'
import type { Address } from '../records/ids.ts'
import { toHex } from '../util/bytes.ts'
import { dmId, groupId } from './conversation-store.ts'
import type { Core } from './core.ts'
import type { Lanes } from './jobs.ts'
import type { JobRecord } from './records.ts'
import type { Rooms } from './rooms/rooms.ts'

/** Lanes of work that goes to many people: one whose relay does not answer holds up a few others at most. */
const SPREAD = 16
/** Lanes that are remembered; finding one may mean to decode what the job holds. */
const REMEMBERED = 1_000

/**
 * Everything about one conversation is done in its order, because one step decides the next: a room opens, people are
 * asked in, an invitation is answered. Conversations do not wait for each other.
 */
export const lanesOf = ({ self }: Pick<Core, 'self'>, rooms: Pick<Rooms, 'get'>): Lanes => {
  const known = new Map<number, string>()
  const ofRoom = (room: string) => rooms.get(room)?.record.conversation ?? groupId(room)
  return (job) => {
    const lane = known.get(job.ordinal) ?? find(job, self.address, ofRoom)
    if (known.size >= REMEMBERED) known.clear()
    known.set(job.ordinal, lane)
    return lane
  }
}

const find = (job: JobRecord, own: Address, ofRoom: (room: string) => string): string => {
  switch (job.kind) {
    case 'open-dm':
    case 'open-group':
      return job.conversation
    case 'join':
      return orKey(job, () => {
        const { kind, room } = decodeWelcomePointer(job.pointer)
        return kind === 'dm' && job.from !== own ? dmId(own, job.from) : ofRoom(toHex(room))
      })
    case 'rejoin':
      return orKey(job, () => ofRoom(toHex(decodeRoomStateOffer(job.offer).room)))
    case 'post':
      return `post/${(job.deviceKey[0] ?? 0) % SPREAD}`
    case 'refresh':
      return `refresh/${job.ordinal % SPREAD}`
    case 'ask':
    case 'repair':
    case 'handover':
    case 'announce':
    case 'channels':
      return `${job.kind}/${job.room}`
    case 'archive':
    case 'publish-log':
    case 'leave-relay':
    case 'copy-archive':
    case 'tell-log':
    case 'read-archive':
    case 'ask-history':
    case 'catch-up':
    case 'give':
    case 'bring-in':
    case 'revoked':
    case 'open-self':
    case 'share':
    case 'sell':
    case 'left':
    case 'books':
    case 'pass':
      return job.kind
    default:
      return ofRoom(job.room)
  }
}

/** What does not decode fails by itself when its turn comes. */
const orKey = ({ key }: JobRecord, lane: () => string): string => {
  try {
    return lane()
  } catch (error) {
    if (error instanceof DchatError) return key
    throw error
  }
}
