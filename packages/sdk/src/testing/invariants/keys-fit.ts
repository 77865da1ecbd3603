import type { Invariant } from './sight.ts'

/** What a device can open is what the tree says that it can: no member can plant keys of its own in others' paths. */
export const keysFit = (): Invariant => ({
  name: 'keys fit the tree',
  look: ({ device, fresh }) =>
    fresh.trees.flatMap(({ room, epoch, foreignKeys }) =>
      foreignKeys.length === 0
        ? []
        : [`${device} holds other secrets than the tree of ${room.slice(0, 8)} epoch ${epoch} shows: ${foreignKeys}`],
    ),
})
