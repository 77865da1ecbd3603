import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { DchatError } from '@dchat/sdk/wire'

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

const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
}

const bareOf = (address: string): string => MAPPED.exec(address)?.groups?.v4 ?? address.split('%')[0] ?? ''

/**
 * A set of network addresses: single ones, networks by prefix (`10.0.0.0/8`), `loopback` and `private`.
 * Throws `usage/invalid-argument`.
 */
export const networkList = (entries: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList()
  for (const entry of entries.flatMap((name) => NAMED[name] ?? [name])) {
    const [address = '', prefix, ...rest] = entry.split('/')
    const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined
    const bits = prefix === undefined ? undefined : Number(prefix)
    const isPrefix = bits === undefined || (/^\d+$/.test(prefix ?? '') && bits <= (family === 'ipv4' ? 32 : 128))
    if (family === undefined || rest.length > 0 || !isPrefix)
      throw new DchatError('usage/invalid-argument', {
        name: 'trustedProxies',
        reason: 'it names no network address, no network, and neither "loopback" nor "private"',
      })
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, bits, family)
  }
  return (address) => {
    const bare = bareOf(address)
    if (isIPv4(bare)) return list.check(bare, 'ipv4')
    return isIPv6(bare) && list.check(bare, 'ipv6')
  }
}

/**
 * Who a request comes from: the last address of the chain that no trusted proxy has. What a client itself wrote into
 * the header stands before that and does not count.
 */
export const clientOf = (
  peer: string,
  forwarded: string | undefined,
  isTrusted: (address: string) => boolean,
): string => {
  let client = peer
  for (const hop of (forwarded ?? '').split(',').reverse()) {
    if (!isTrusted(client)) break
    const named = addressIn(hop)
    if (named === undefined) break
    client = named
  }
  return client
}

/** An address of the header, with the port or the brackets that some proxies add. */
const addressIn = (hop: string): string | undefined => {
  const text = hop.trim().replace(/^"|"$/g, '')
  const bare =
    /^\[(?<v6>[^\]]+)\](?::\d+)?$/.exec(text)?.groups?.v6 ?? /^(?<v4>[\d.]+):\d+$/.exec(text)?.groups?.v4 ?? text
  return isIPv4(bare) || isIPv6(bare) ? bare : undefined
}
