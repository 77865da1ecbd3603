import { DchatError, forkPoint, type IdentityLog } from '@dchat/sdk/wire'

/**
 * The branches of an identity after one more verified log of it: a log that is held changes nothing, a longer one
 * replaces the branch that it continues, and a fork is kept beside the others, up to `limit` branches (`relay/quota`).
 */
export const addBranch = (held: readonly IdentityLog[], log: IdentityLog, limit: number): readonly IdentityLog[] => {
  const related = held.filter((branch) => forkPoint(branch, log) === undefined)
  if (related.some((branch) => branch.entries.length >= log.entries.length)) return held
  const rest = held.filter((branch) => !related.includes(branch))
  if (rest.length >= limit) throw new DchatError('relay/quota', { what: 'branches of one identity', limit })
  return [...rest, log]
}
