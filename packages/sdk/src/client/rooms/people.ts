import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import { ROLES } from '../../records/group.ts'
import type { Address } from '../../records/ids.ts'

/** The other people of a conversation, those with the highest roles first: whom to ask when this device cannot go on. */
export const othersToAsk = ({ people }: Pick<Snapshot, 'people'>, own?: Address): readonly Address[] =>
  people
    .filter(({ address }) => address !== own)
    .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.since - b.since)
    .map(({ address }) => address)

/** The other person of a direct message. */
export const peerOf = (snapshot: Snapshot, own: Address): Address | undefined =>
  snapshot.kind === 'dm' ? othersToAsk(snapshot, own)[0] : undefined
