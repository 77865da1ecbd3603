import type { Snapshot } from '../../protocol/messages/snapshot.ts'

/** A direct message holds two people's devices, a self-conversation one person's, and no more than these. */
export const DM_LEAVES = 20
const GROUP_LEAVES = 2_000

/** Devices that a conversation of this kind may hold. */
export const leavesOf = ({ kind }: Pick<Snapshot, 'kind'>): number =>
  kind === 'group' || kind === 'channel' ? GROUP_LEAVES : DM_LEAVES
