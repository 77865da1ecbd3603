import { encodeSnapshot } from '../../protocol/messages/snapshot.ts'
import { toHex } from '../../util/bytes.ts'
import type { Invariant } from './sight.ts'

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
    look: ({ device, fresh: { rooms, trees } }) => [
      ...rooms.flatMap((room) => {
        const name = room.id.slice(0, 8)
        const { topic, epoch, snapshot } = room
        return [
          ...[...room.seeds].flatMap(([of, seed]) => agree(device, `secret of ${name} epoch ${of}`, seed)),
          ...room.commits.flatMap(({ ended, seq, removed }) => [
            ...agree(device, `commit at ${topic.slice(0, 8)}:${seq}`, `${ended} ${[...removed].sort()}`),
            ...agree(device, `end of ${name} epoch ${ended}`, `${seq}`),
          ]),
          ...(room.state === 'open' && snapshot.kind === 'group'
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
