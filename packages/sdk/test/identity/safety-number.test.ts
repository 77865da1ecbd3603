import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendEntry, encodedLog, type IdentityLog, verifyLog } from '../../src/protocol/identity/log.ts'
import { identityFingerprint, isSameNumber, safetyNumber, safetyQr } from '../../src/protocol/identity/safety-number.ts'
import { toHex } from '../../src/util/bytes.ts'
import { addDevice, genesisLog, grow, keyOf, owner, revokeDevice, setRelays } from './histories.ts'

/** `npx vitest run test/identity/safety-number.test.ts -u` writes the file anew. */
const file = join(import.meta.dirname, '../../vectors/identity/safety-numbers.json')

const logOf = (name: string): IdentityLog => genesisLog(owner(name))
const rotated = (name: string, role: 'root' | 'recovery'): IdentityLog => {
  const next = keyOf(`${name}/${role}/2`)
  const signer = { role, secretKey: owner(name)[role].secretKey } as const
  return verifyLog(appendEntry(logOf(name), { kind: `rotate-${role}`, key: next.publicKey }, signer, next.secretKey))
}

const vector = (name: string, one: IdentityLog, other: IdentityLog) => {
  const digits = safetyNumber(one, other)
  const person = (log: IdentityLog) => ({
    address: log.address,
    log: encodedLog(log).map(toHex),
    root: toHex(log.currentRoot),
    recovery: toHex(log.currentRecoveryHash),
    fingerprint: toHex(identityFingerprint(log)),
  })
  return { name, people: [person(one), person(other)], digits, qr: safetyQr(digits) }
}

test('the published vectors are what this code makes', async () => {
  const vectors = [
    vector('two new identities', logOf('alice'), logOf('bob')),
    vector('the same, named the other way round', logOf('bob'), logOf('alice')),
    vector("after one's root key was replaced", rotated('alice', 'root'), logOf('bob')),
    vector("after one's recovery key was replaced", rotated('alice', 'recovery'), logOf('bob')),
  ]
  await expect(`${JSON.stringify({ vectors }, null, 1)}\n`).toMatchFileSnapshot(file)
})

test('both sides have the same twelve groups of five digits', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const [one, other] = [logOf(`a${a}`), logOf(`b${b}`)]
      const digits = safetyNumber(one, other)
      expect(digits).toMatch(/^\d{5}( \d{5}){11}$/)
      expect(safetyNumber(other, one)).toBe(digits)
      expect(isSameNumber(digits, safetyQr(digits))).toBe(true)
      expect(isSameNumber(digits, ` ${digits.replaceAll(' ', '\n')} `)).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('devices and relays come and go without a change; each of the keys changes it', () => {
  const [alice, bob] = [logOf('alice'), logOf('bob')]
  const digits = safetyNumber(alice, bob)
  const later = grow(alice, owner('alice'), addDevice('phone'), setRelays('wss://relay.example'), revokeDevice('phone'))
  expect(safetyNumber(later, bob)).toBe(digits)
  const others = [rotated('alice', 'root'), rotated('alice', 'recovery')].map((log) => safetyNumber(log, bob))
  expect(new Set([digits, ...others]).size).toBe(3)
  for (const other of others) expect(isSameNumber(digits, other)).toBe(false)
})

test.each(['', '12345', 'dchat:dchat1qqqq', `${'1'.repeat(59)}a`, `${'1'.repeat(61)}`])(
  '%j is no safety number',
  (text) => {
    expect(() => isSameNumber(safetyNumber(logOf('alice'), logOf('bob')), text)).toThrow(
      expect.objectContaining({ code: 'usage/invalid-argument' }),
    )
  },
)
