import { DchatError } from '../../errors.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { IdentityLog } from './log-state.ts'

/**
 * - `same`: a candidate equals what is known, none goes further.
 * - `extended`: the log goes on from what is known (or was unknown).
 * - `older`: every candidate ends before what is known: whoever served it withholds entries.
 * - `settled`: there was a fork, and a recovery signature decided it; `log` may drop entries that were known.
 * - `frozen`: a fork that nothing decides. Contacts are warned; nobody follows any branch beyond it.
 */
export type Merged =
  | { readonly kind: 'same' | 'extended' | 'older' | 'settled'; readonly log: IdentityLog }
  | { readonly kind: 'frozen'; readonly branches: readonly IdentityLog[] }

const longest = (logs: readonly IdentityLog[]): IdentityLog =>
  logs.reduce((best, log) => (log.entries.length > best.entries.length ? log : best))

const groupAt = (logs: readonly IdentityLog[], index: number): IdentityLog[][] => {
  const groups = new Map<string, IdentityLog[]>()
  for (const log of logs) {
    const hash = log.entries[index]?.hash
    if (hash === undefined) continue
    const name = toHex(hash)
    groups.set(name, [...(groups.get(name) ?? []), log])
  }
  return [...groups.values()]
}

const signedByRecovery = (group: readonly IdentityLog[], index: number): boolean =>
  group[0]?.entries[index]?.content?.signer === 'recovery'

/**
 * The fork rule (identity.md) over any number of verified logs of one identity. It walks from the genesis; where
 * logs differ, the one branch whose first differing entry the recovery key signed wins, else the identity is frozen.
 * The order of the candidates does not matter. Throws `identity/bad-log` if they are of different addresses.
 */
export const mergeLogs = (known: IdentityLog | undefined, candidates: readonly IdentityLog[]): Merged => {
  const all = known === undefined ? candidates : [known, ...candidates]
  const first = all[0]
  if (first === undefined) throw new DchatError('identity/bad-log', { reason: 'there is no log' })
  if (all.some((log) => log.address !== first.address))
    throw new DchatError('identity/bad-log', { reason: 'it belongs to another address' })

  let logs: readonly IdentityLog[] = all
  let forked = false
  for (let index = 0; ; index++) {
    const groups = groupAt(logs, index)
    if (groups.length === 0) break
    if (groups.length > 1) {
      const winners = groups.filter((group) => signedByRecovery(group, index))
      if (winners.length !== 1) return { kind: 'frozen', branches: groups.map(longest) }
      forked = true
    }
    logs =
      groups.length === 1
        ? (groups[0] as IdentityLog[])
        : (groups.find((group) => signedByRecovery(group, index)) as IdentityLog[])
  }
  const log = longest(logs)
  if (forked) return { kind: 'settled', log }
  if (known === undefined || !equalBytes(known.head, log.head)) return { kind: 'extended', log }
  const behind =
    candidates.length > 0 && candidates.every((candidate) => candidate.entries.length < known.entries.length)
  return { kind: behind ? 'older' : 'same', log: known }
}

/** The index of the first entry in which two logs differ; undefined if one continues the other. */
export const forkPoint = (a: IdentityLog, b: IdentityLog): number | undefined => {
  const shared = Math.min(a.entries.length, b.entries.length)
  for (let i = 0; i < shared; i++)
    if (!equalBytes(a.entries[i]?.hash as Uint8Array, b.entries[i]?.hash as Uint8Array)) return i
  return undefined
}
