import type { Crypto } from '../../ports/crypto.ts'
import { type IdentityLog, isActive } from '../../protocol/identity/log.ts'
import type { ControlChange, RemovalOrder } from '../../protocol/messages/control-change.ts'
import { leaveStatement } from '../../protocol/messages/leave-statement.ts'
import { removalStatement } from '../../protocol/messages/removal-statement.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address } from '../../records/ids.ts'
import { permits, personOf } from './permissions.ts'

/** Stays that are remembered as over; of older ones nobody is expected to ask. */
const KEPT = 256

/** A stay that a commit has ended. `word`: by whose word, the person's own where they left; absent: nobody has signed it. */
export interface Gone {
  readonly address: Address
  readonly since: number
  readonly word?: RemovalOrder
}

/** Who is not there any more after a commit. */
export const goneBy = (before: Snapshot, after: Snapshot, changes: readonly ControlChange[]): readonly Gone[] =>
  before.people
    .filter(({ address }) => personOf(after, address) === undefined)
    .map(({ address, since }) => {
      const word = wordOn(address, changes)
      return { address, since, ...(word === undefined ? {} : { word }) }
    })

const wordOn = (address: Address, changes: readonly ControlChange[]): RemovalOrder | undefined => {
  for (const change of changes) {
    if (change.kind === 'remove' && change.address === address) return change.order
    if (change.kind !== 'left' || change.address !== address) continue
    const { deviceKey, signature } = change
    return { address, deviceKey, signature }
  }
  return undefined
}

const isStay = (a: Gone, b: Gone): boolean => a.address === b.address && a.since === b.since

/** With those who have just gone, newest last. */
export const withGone = (known: readonly Gone[], gone: readonly Gone[]): readonly Gone[] =>
  [...known.filter((stay) => !gone.some((other) => isStay(stay, other))), ...gone].slice(-KEPT)

/**
 * Whether a word ends the present stay of this person, as they know the conversation: it is theirs, or of somebody who may
 * take them out; a device signed it that is active by the signer's log, and signed it for this very stay.
 */
export const endsStay = async (
  { ed25519 }: Pick<Crypto, 'ed25519'>,
  snapshot: Snapshot,
  { address, since, word }: Required<Gone>,
  signer: IdentityLog,
): Promise<boolean> => {
  if (snapshot.kind !== 'group' && snapshot.kind !== 'channel') return false
  if (personOf(snapshot, address)?.since !== since) return false
  const isOwn = word.address === address
  if (!isOwn && permits(snapshot, word.address, { kind: 'remove', address }) !== true) return false
  if (signer.address !== word.address || !isActive(signer, word.deviceKey)) return false
  const statement = (isOwn ? leaveStatement : removalStatement)(snapshot.room, address, since)
  return ed25519.verify(word.deviceKey, statement, word.signature)
}

/** The change that says the same in a commit. */
export const changeOf = ({ address, word }: Required<Gone>): ControlChange =>
  word.address === address ? { kind: 'left', ...word } : { kind: 'remove', address, order: word }
