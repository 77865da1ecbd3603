import { LATE_COMMITS, LATE_ENTRIES } from '../../domain/rooms/lateness.ts'
import { type Facts, type Invariant, type MessageSight, type Spot, spotName } from './sight.ts'

/**
 * Nothing of who is out counts, and nothing is shown to who is out. Judged by the relay's log and by who was in which
 * epoch, not by what the devices' own rules say: an author was in at the epoch of its message and is in at its place;
 * an ended epoch is over after 64 entries or 4 commits; who shows a message was in when it was sent.
 */
export const membersOnly = (): Invariant => ({
  name: 'only members write and read',
  look: ({ device, deviceId, fresh }, facts) =>
    fresh.messages.flatMap((message) => {
      const { spot } = message
      if (spot === undefined || message.isNotice) return []
      const entry = facts.log(spot.topic)[spot.seq - 1]
      if (entry === undefined) return [`${device} shows something at ${spotName(spot)}, where the relay has nothing`]
      const readers = facts.members(message.room, entry.epoch)
      return [
        ...problemsOf(message, spot, entry.epoch, facts).map(
          (problem) => `${device} shows ${spotName(spot)}, ${problem}`,
        ),
        ...(readers === undefined || message.isHistory || readers.has(deviceId)
          ? []
          : [`${device} shows ${spotName(spot)}, and was no member in its epoch ${entry.epoch}`]),
      ]
    }),
})

const problemsOf = (message: MessageSight, { topic, seq }: Spot, epoch: number, facts: Facts): readonly string[] => {
  const ended = facts.log(topic).filter((entry) => entry.kind === 'commit' && entry.epoch >= epoch && entry.seq < seq)
  const [ending] = ended
  const epochs = [epoch, ...ended.map((commit) => commit.epoch + 1)]
  const out = epochs.find((at) => facts.members(message.room, at)?.has(message.device) === false)
  return [
    ...(out === undefined ? [] : [`whose author was not in at epoch ${out}`]),
    ...(ended.length > LATE_COMMITS ? [`which is ${ended.length} commits late`] : []),
    ...(ending !== undefined && seq - ending.seq > LATE_ENTRIES ? [`which is ${seq - ending.seq} entries late`] : []),
  ]
}
