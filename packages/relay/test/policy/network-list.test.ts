import { expect, test } from 'vitest'
import { clientOf, networkList } from '../../src/policy/network.ts'
import { codeOf } from '../support/relay.ts'

const trusted = networkList(['loopback', '10.0.0.0/8', '2001:db8::1'])

test.each([
  ['nobody is trusted: the peer counts', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['a trusted proxy tells the client', '127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['a chain of trusted proxies', '127.0.0.1', '198.51.100.1, 10.1.2.3', '198.51.100.1'],
  ['what the client wrote itself does not count', '127.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['a mapped peer', '::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['IPv6 with brackets and port', '2001:db8::1', '[2001:db8:1::5]:443', '2001:db8:1::5'],
  ['nonsense in the header', '127.0.0.1', 'unknown', '127.0.0.1'],
  ['no header', '127.0.0.1', undefined, '127.0.0.1'],
])('%s', (_, peer, header, client) => {
  expect(clientOf(peer, header, trusted)).toBe(client)
})

test.each(['10.0.0.0/33', 'proxy', '10.0.0.0/8/8', '::1/x', ''])('"%s" names no network', async (entry) => {
  expect(await codeOf((async () => networkList([entry]))())).toBe('usage/invalid-argument')
})
