import { isIPv4, isIPv6 } from 'node:net'

const MAPPED = /^::ffff:(?<v4>\d+\.\d+\.\d+\.\d+)$/i
/** Groups of a network that is given to one customer: a /64. */
const NETWORK_GROUPS = 4

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'))

/**
 * What a network address counts as in limits: an IPv4 address by itself, an IPv6 address as its /64, because one customer
 * has all of them. Anything else counts as itself.
 */
export const networkOf = (address: string): string => {
  const mapped = MAPPED.exec(address)?.groups?.v4
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  const [bare = ''] = address.split('%')
  if (!isIPv6(bare)) return address
  const [head = '', tail] = bare.split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const gap = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array.from({ length: Math.max(0, gap) }, () => '0'), ...after]
  return `${groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
