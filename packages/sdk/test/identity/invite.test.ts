import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatInvite, parseInvite, parsePeer } from '../../src/protocol/identity/invite.ts'
import { parseRelayUrl } from '../../src/protocol/wire/relay-url.ts'
import { genesisLog, owner } from './histories.ts'

const { address } = genesisLog(owner('alice'))
const badAddress = expect.objectContaining({ name: 'DchatError', code: 'identity/bad-address' })
const badArgument = expect.objectContaining({ name: 'DchatError', code: 'usage/invalid-argument' })

test('an invite link carries the address and up to eight relays', () => {
  const relays = ['wss://relay.example', 'ws://127.0.0.1:7700', 'wss://b.example/dchat'].map(parseRelayUrl)
  const link = formatInvite({ address, relays })
  expect(link).toBe(
    `dchat:${address}?r=wss%3A%2F%2Frelay.example&r=ws%3A%2F%2F127.0.0.1%3A7700&r=wss%3A%2F%2Fb.example%2Fdchat`,
  )
  expect(parseInvite(` ${link}\n`)).toEqual({ address, relays })
  expect(parsePeer(link)).toEqual({ address, relays })
  expect(parsePeer(address)).toEqual({ address, relays: [] })
  expect(parsePeer(`DCHAT:${address}`)).toEqual({ address, relays: [] })
})

test('a link never grows beyond its bounds', () => {
  const long = Array.from({ length: 20 }, (_, i) => parseRelayUrl(`wss://relay.example/${'%2F'.repeat(70)}${i}`))
  const link = formatInvite({ address, relays: long })
  expect(link.length).toBeLessThanOrEqual(2048)
  expect(parseInvite(link).relays.length).toBeGreaterThan(1)
  const nine = Array.from({ length: 9 }, (_, i) => `r=ws://h${i}`).join('&')
  expect(() => parseInvite(`dchat:${address}?${nine}`)).toThrow(badAddress)
  expect(() => parseInvite(`dchat:${address}?x=${'a'.repeat(2048)}`)).toThrow(badAddress)
})

test('parameters of later versions are ignored, broken relays are not', () => {
  expect(parseInvite(`dchat:${address}?v=2&r=wss://relay.example&name=x`).relays).toEqual(['wss://relay.example'])
  for (const relay of ['https://relay.example', '%', 'wss%3A%2F%2Fa b', 'wss://user@host', ''])
    expect(() => parseInvite(`dchat:${address}?r=${relay}`)).toThrow(badAddress)
  expect(() => parseInvite(address)).toThrow(badAddress)
})

test('relay URLs are normalised', () => {
  const table: readonly [string, string][] = [
    [' WSS://Relay.Example/ ', 'wss://relay.example'],
    ['wss://relay.example:443/dchat/', 'wss://relay.example/dchat'],
    ['ws://127.0.0.1:80', 'ws://127.0.0.1'],
    ['ws://[::1]:7700', 'ws://[::1]:7700'],
  ]
  for (const [text, url] of table) {
    expect(parseRelayUrl(text)).toBe(url)
    expect(parseRelayUrl(url)).toBe(url)
  }
})

test('what is no relay URL is refused', () => {
  const texts = [
    '',
    'relay.example',
    'http://relay.example',
    'wss://',
    'wss:relay.example',
    'wss://a\tb',
    'wss://a?x',
    'wss://a#',
    'wss://u:p@a',
    'wss://a\\b',
    'wss://[',
    `wss://${'a'.repeat(300)}`,
    'ws://host:99999',
  ]
  for (const text of texts) expect(() => parseRelayUrl(text), text).toThrow(badArgument)
})

test('any text at all is an answer or a typed error', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((rest) => `dchat:${address}?r=wss://${rest}`),
  )
  fc.assert(
    fc.property(text, (value) => {
      try {
        const peer = parsePeer(value)
        expect(parsePeer(formatInvite(peer))).toEqual(peer)
      } catch (error) {
        expect(error).toEqual(badAddress)
      }
    }),
    { numRuns: 2000 },
  )
})
