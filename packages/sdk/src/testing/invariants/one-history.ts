import { encodeSnapshot } from '../../protocol/messages/snapshot.ts'
import { toHex } from '../../util/bytes.ts'
import type { Facts, Invariant, LogEntry } from './sight.ts'

/** Remembers who said something first, and notices when somebody says otherwise. */
const agreement = () => {
  const said = new Map<string, { readonly what: string; readonly device: string }>()
  return (device: string, about: string, what: string): readonly string[] => {
    const known = said.get(about)
    if (known === undefined) said.set(about, { what, device })
    return known === undefined || known.what === what ? [] : [`${about}: ${known.device} and ${device} differ`]
  }
}

/** One epoch history: for each room and epoch one secret, one tree, one control state, and one commit that ended it. */
export const oneHistory = (): Invariant => {
  const agree = agreement()
  return {
    name: 'one epoch history',
    look: ({ device, fresh: { rooms, trees } }, facts) => [
      ...rooms.flatMap(({ topic }) => endedTwice(topic, facts)),
      ...rooms.flatMap((room) => {
        const name = room.id.slice(0, 8)
        const { topic, epoch, snapshot, joinedEpoch, state } = room
        /** What was not published nobody has seen: a device that lost it makes another one. */
        const seeds = state === 'creating' ? [] : [...room.seeds]
        /** Of a commit that it jumped over a device knows the place, and not what it did. */
        const isKnown = (ended: number, removed: readonly string[]) => ended >= joinedEpoch || removed.length > 0
        return [
          ...seeds.flatMap(([of, seed]) => agree(device, `secret of ${name} epoch ${of}`, seed)),
          ...room.commits.flatMap(({ ended, seq, removed }) => [
            ...(isKnown(ended, removed)
              ? agree(device, `commit at ${topic.slice(0, 8)}:${seq}`, `${ended} ${[...removed].sort()}`)
              : []),
            ...agree(device, `end of epoch ${ended} in ${topic.slice(0, 8)}`, `${seq}`),
          ]),
          ...(state === 'open' && snapshot.kind === 'group'
            ? agree(device, `control state of ${name} epoch ${epoch}`, toHex(encodeSnapshot(snapshot)))
            : []),
        ]
      }),
      ...trees.flatMap(({ room, epoch, authenticator, devices }) =>
        agree(device, `tree of ${room.slice(0, 8)} epoch ${epoch}`, `${authenticator} ${devices}`),
      ),
    ],
  }
}

/** The relay takes one commit for each epoch of a topic, in their order. */
const endedTwice = (topic: string, facts: Facts): readonly string[] => {
  const commits = facts.log(topic).filter(({ kind }) => kind === 'commit')
  const wrong = commits.find(({ epoch }, at) => at > 0 && epoch !== (commits[at - 1] as LogEntry).epoch + 1)
  return wrong === undefined
    ? []
    : [`epoch ${wrong.epoch} of ${topic.slice(0, 8)} was ended out of turn at ${wrong.seq}`]
}
