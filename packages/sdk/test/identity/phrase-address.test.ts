import { inspect } from 'node:util'
import { bech32m } from '@scure/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf, deviceIdOf, genesisOf, parseAddress, shortAddress } from '../../src/protocol/identity/address.ts'
import { createIdentity, restoreIdentity } from '../../src/protocol/identity/identity.ts'
import {
  appendEntry,
  createLog,
  indexKeys,
  lookupKeys,
  standingOf,
  verifyLog,
} from '../../src/protocol/identity/log.ts'
import { createPhrase, rootsOf } from '../../src/protocol/identity/phrase.ts'
import { equalBytes, toHex } from '../../src/util/bytes.ts'
import { seedOf } from './histories.ts'

const random = (name: string) => () => seedOf(name)
const phrase = createPhrase(random('alice'))
const words = phrase.split(' ')
const reasonOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as { details: { reason: string } }).details.reason}`
  }
  return 'accepted'
}

test('the phrase alone brings the identity back', () => {
  const identity = createIdentity({ random: random('alice') })
  expect(words).toHaveLength(24)
  const restored = restoreIdentity(`  ${words.join('\n ').toUpperCase()}\t`)
  expect(restored.address).toBe(identity.address)
  expect(restored.roots).toEqual(identity.roots)
  expect([identity.origin, restored.origin]).toEqual(['new', 'restored'])
  expect(restored.recoveryPhrase).toBe(phrase)
})

test('root, recovery and archive keys have nothing in common', () => {
  const { root, recovery, archiveSeed } = rootsOf(phrase)
  const secrets = [root.secretKey.slice(0, 32), recovery.secretKey.slice(0, 32), archiveSeed].map(toHex)
  expect(new Set(secrets).size).toBe(3)
})

test('a wrong phrase says what is wrong and never repeats a word', () => {
  const other = words[1] === 'zoo' ? 'zone' : 'zoo'
  expect(reasonOf(() => rootsOf(''))).toBe('identity/bad-phrase: it has 0 words instead of 24')
  expect(reasonOf(() => rootsOf(words.slice(1).join(' ')))).toBe('identity/bad-phrase: it has 23 words instead of 24')
  expect(reasonOf(() => rootsOf(words.with(4, 'dchatter').join(' ')))).toBe(
    'identity/bad-phrase: word 5 is not in the word list',
  )
  expect(reasonOf(() => rootsOf(words.with(1, other).join(' ')))).toContain('the checksum is wrong')
})

test('secrets of an identity stay out of JSON, inspection and copies', () => {
  const identity = createIdentity({ random: random('alice'), expiresAt: 1_800_000_000_000 })
  expect(JSON.parse(JSON.stringify(identity))).toEqual({ address: identity.address })
  const shown =
    inspect(identity, { depth: 9 }) + JSON.stringify({ ...identity }) + inspect(structuredClone({ ...identity }))
  expect(shown).toContain(identity.address)
  expect(shown).not.toContain(`${words[0]} ${words[1]}`)
  expect(shown).not.toMatch(/roots|secretKey|recoveryPhrase/)
  expect(Object.keys(identity)).not.toContain('recoveryPhrase')
})

test('a burner shares no key with any other identity', () => {
  const [a, b] = [createIdentity({ random: random('a') }), createIdentity({ random: random('b'), expiresAt: 5 })]
  expect(b.expiresAt).toBe(5)
  expect(a.address).not.toBe(b.address)
  expect(equalBytes(a.roots.root.publicKey, b.roots.root.publicKey)).toBe(false)
})

test('kinds of identity have addresses of their own', () => {
  expect(createIdentity({ random: random('a'), kind: 'bot' }).address).not.toBe(
    createIdentity({ random: random('a') }).address,
  )
})

test('a rotated phrase finds the log by its keys and keeps the old address', () => {
  const old = createIdentity({ random: random('alice') })
  const next = createIdentity({ random: random('alice/2') })
  const first = verifyLog(createLog(old.roots))
  const second = verifyLog(
    appendEntry(
      first,
      { kind: 'rotate-recovery', key: next.roots.recovery.publicKey },
      { role: 'recovery', secretKey: old.roots.recovery.secretKey },
      next.roots.recovery.secretKey,
    ),
  )
  const log = verifyLog(
    appendEntry(
      second,
      { kind: 'rotate-root', key: next.roots.root.publicKey },
      { role: 'root', secretKey: old.roots.root.secretKey },
      next.roots.root.secretKey,
    ),
  )
  const held = new Set(indexKeys(log).map(toHex))
  for (const { root, recovery } of [old.roots, next.roots])
    for (const key of [root.publicKey, recovery.publicKey])
      expect(lookupKeys(key).some((value) => held.has(toHex(value)))).toBe(true)
  expect(standingOf(log, next.roots)).toEqual({ root: 'current', recovery: 'current' })
  expect(standingOf(log, old.roots)).toEqual({ root: 'past', recovery: 'past' })
  expect(restoreIdentity(next.recoveryPhrase, { log }).address).toBe(old.address)
  const untrusted = expect.objectContaining({ code: 'identity/untrusted-key' })
  expect(() => restoreIdentity(old.recoveryPhrase, { log })).toThrow(untrusted)
  expect(() => restoreIdentity(createPhrase(random('stranger')), { log })).toThrow(untrusted)
})

test('an address is 54 characters and survives capitals and space', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (root, hash) => {
        const address = addressOf(genesisOf(root, hash))
        expect(address).toHaveLength(54)
        expect(parseAddress(` ${address.toUpperCase()}\n`)).toBe(address)
      },
    ),
    { numRuns: 50 },
  )
})

const address = addressOf(genesisOf(seedOf('root'), seedOf('hash')))

test('a mistyped address is refused, wherever the mistake is', () => {
  for (let i = 6; i < address.length; i++) {
    const letter = address[i] === 'q' ? 'p' : 'q'
    expect(reasonOf(() => parseAddress(address.slice(0, i) + letter + address.slice(i + 1)))).toContain('checksum')
  }
})

test('what is no address is refused with a reason', () => {
  const reasons: readonly [string, string][] = [
    ['', 'it does not begin with dchat1'],
    ['bob', 'it does not begin with dchat1'],
    [`D${address.slice(1)}`, 'it mixes capitals and small letters'],
    ['dchat1'.padEnd(91, 'q'), 'it is too long'],
    [bech32m.encode('dchat', bech32m.toWords(new Uint8Array(26).fill(2))), 'it belongs to a newer version of dchat'],
    [bech32m.encode('dchat', bech32m.toWords(new Uint8Array(25).fill(1))), 'it has an unusual length'],
    [bech32m.encode('dchat', []), 'it has an unusual length'],
  ]
  for (const [text, reason] of reasons)
    expect(reasonOf(() => parseAddress(text))).toBe(`identity/bad-address: ${reason}`)
})

test('short forms are for eyes only', () => {
  expect(shortAddress(address)).toMatch(/^dchat1.{6}….{6}$/)
  expect(deviceIdOf(seedOf('device'))).toMatch(/^[0-9a-f]{32}$/)
})
