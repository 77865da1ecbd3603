import { type Facts, type Invariant, type MessageSight, type Sight, type Spot, spotName } from './sight.ts'

/** ms by which devices may disagree about what is over. */
const CLOCKS = 4 * 3_600_000

interface Acknowledged {
  readonly id: string
  readonly room: string
  readonly by: string
  readonly spot: Spot
}

const isSent = ({ own, isNotice, state }: MessageSight): boolean =>
  own && !isNotice && (state === 'sent' || state === 'delivered' || state === 'read')

/**
 * Nothing acknowledged is lost: what its author saw as sent is at every device that read past its place with the keys
 * of its epoch, and stays there, unless the message's time is over or the device was told of a gap.
 */
export const nothingLost = (): Invariant => {
  const sent = new Map<string, Acknowledged>()
  const ends = new Map<string, number>()
  /** By device: what it is still to be seen with. */
  const open = new Map<string, Set<string>>()

  const note = (message: MessageSight, by: string): void => {
    const { id, room, spot, expiresAt } = message
    if (expiresAt !== undefined) ends.set(id, expiresAt)
    if (!isSent(message) || spot === undefined || sent.has(id)) return
    sent.set(id, { id, room, by, spot })
    for (const waiting of open.values()) waiting.add(id)
  }
  const isOver = (id: string, now: number): boolean => (ends.get(id) ?? Number.POSITIVE_INFINITY) <= now + CLOCKS

  const missing = ({ device, at, rooms, messages }: Sight, facts: Facts): readonly string[] => {
    const waiting = open.get(device) ?? new Set(sent.keys())
    open.set(device, waiting)
    return [...waiting].flatMap((id) => {
      const { room: name, by, spot } = sent.get(id) as Acknowledged
      if (messages.has(id)) {
        waiting.delete(id)
        return []
      }
      const room = rooms.get(name)
      if (room === undefined || room.topic !== spot.topic || room.seq < spot.seq) return []
      waiting.delete(id)
      const entry = facts.log(spot.topic)[spot.seq - 1]
      if (entry === undefined) return [`what ${by} saw as sent at ${spotName(spot)} is not in the relay's log`]
      if (!facts.held(device, name, entry.epoch) || facts.missed(device, spot) || isOver(id, at)) return []
      return [`${device} read past ${spotName(spot)} and does not have what ${by} saw as sent there`]
    })
  }

  return {
    name: 'nothing acknowledged is lost',
    restored: (device) => {
      open.delete(device)
    },
    look: (sight, facts) => {
      for (const message of sight.fresh.messages) note(message, sight.device)
      // A message gets its place and its end at one moment: another device may have seen both, and this one neither.
      const vanished = sight.fresh.gone.filter(({ id }) => sent.has(id) && !isOver(id, sight.at))
      return [
        ...vanished.map(
          ({ spot }) => `${sight.device} has no more what it had at ${spot ? spotName(spot) : 'no place'}`,
        ),
        ...missing(sight, facts),
      ]
    },
    end: (facts) =>
      facts.sights().flatMap(({ device, messages }) => {
        const nowhere = [...messages.values()].filter((message) => isSent(message) && message.spot === undefined)
        return nowhere.length === 0 ? [] : [`${device} shows ${nowhere.length} messages as sent that stand nowhere`]
      }),
  }
}
