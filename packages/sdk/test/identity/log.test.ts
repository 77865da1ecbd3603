import { expect, test } from 'vitest'
import {
  activeDevices,
  appendEntry,
  createLog,
  encodedLog,
  indexOfHead,
  isActive,
  isActiveAt,
  isCertified,
  reopenLog,
  verifyLog,
  verifyLogAsync,
} from '../../src/protocol/identity/log.ts'
import { toHex } from '../../src/util/bytes.ts'
import { addDevice, deviceKey, genesisLog, grow, keyOf, owner, revokeDevice, setRelays } from './histories.ts'
import { platformEd25519 } from './platform-ed25519.ts'

const alice = owner('alice')
const refused = expect.objectContaining({ name: 'DchatError', code: 'identity/bad-log' })

test('a log says which devices, relays and keys hold at its head', () => {
  const log = grow(
    genesisLog(alice),
    alice,
    addDevice('phone'),
    addDevice('laptop'),
    setRelays('wss://relay.example'),
    revokeDevice('phone'),
  )
  expect(activeDevices(log).map((device) => device.name)).toEqual(['laptop'])
  expect(log.relays).toEqual(['wss://relay.example'])
  expect(isActive(log, deviceKey('phone'))).toBe(false)
  expect(isActiveAt(log, deviceKey('phone'), 3)).toBe(true)
  expect(isActiveAt(log, deviceKey('laptop'), 1)).toBe(false)
  expect(isActiveAt(log, deviceKey('laptop'), 2)).toBe(true)
  expect(isActiveAt(log, deviceKey('phone'), 4)).toBe(false)
  expect(indexOfHead(log, log.head)).toBe(4)
  expect(indexOfHead(log, new Uint8Array(32))).toBeUndefined()
  expect(verifyLog(encodedLog(log))).toEqual(log)
  expect(structuredClone(log)).toEqual(log)
})

test('a revoked device stays certified, so that old trees can be joined', () => {
  const log = grow(genesisLog(alice), alice, addDevice('phone'), revokeDevice('phone'))
  const certificate = log.entries[1]?.hash as Uint8Array
  const leaf = { address: log.address, deviceKey: deviceKey('phone'), certificate }
  expect(isCertified(log, leaf)).toBe(true)
  expect(isCertified(log, { ...leaf, certificate: log.head })).toBe(false)
  expect(isCertified(log, { ...leaf, deviceKey: deviceKey('laptop') })).toBe(false)
  expect(isCertified(log, { ...leaf, address: genesisLog(owner('bob')).address })).toBe(false)
})

test('a device key is certified once and never again', () => {
  const log = grow(genesisLog(alice), alice, addDevice('phone'))
  expect(() => grow(log, alice, addDevice('phone'))).toThrow(refused)
  const revoked = grow(log, alice, revokeDevice('phone'))
  expect(() => grow(revoked, alice, addDevice('phone'))).toThrow(refused)
  expect(() => grow(revoked, alice, revokeDevice('phone'))).toThrow(refused)
  expect(() => grow(revoked, alice, revokeDevice('laptop'))).toThrow(refused)
})

test('a rotation hands the role over, and the new key must sign too', () => {
  const next = keyOf('alice/root/2')
  const log = grow(genesisLog(alice), alice, addDevice('phone'))
  const root = { role: 'root', secretKey: alice.root.secretKey } as const
  const body = { kind: 'rotate-root', key: next.publicKey } as const
  expect(() => appendEntry(log, body, root)).toThrow(refused)
  expect(() => verifyLog(appendEntry(log, body, root, keyOf('mallory').secretKey))).toThrow(refused)
  const rotated = verifyLog(appendEntry(log, body, root, next.secretKey))
  expect(rotated.address).toBe(log.address)
  expect(rotated.rootKeys.map(toHex)).toEqual([alice.root.publicKey, next.publicKey].map(toHex))
  expect(() => grow(rotated, alice, addDevice('laptop'))).toThrow(refused)
  expect(activeDevices(grow(rotated, { ...alice, root: next }, addDevice('laptop')))).toHaveLength(2)
  const back = { kind: 'rotate-root', key: alice.root.publicKey } as const
  expect(() => appendEntry(rotated, back, { role: 'root', secretKey: next.secretKey }, alice.root.secretKey)).toThrow(
    refused,
  )
})

test('only the recovery key replaces itself', () => {
  const next = keyOf('alice/recovery/2')
  const log = genesisLog(alice)
  const body = { kind: 'rotate-recovery', key: next.publicKey } as const
  expect(() => appendEntry(log, body, { role: 'root', secretKey: alice.root.secretKey }, next.secretKey)).toThrow(
    refused,
  )
  const rotated = verifyLog(
    appendEntry(log, body, { role: 'recovery', secretKey: alice.recovery.secretKey }, next.secretKey),
  )
  expect(rotated.currentRecovery).toEqual(next.publicKey)
  expect(rotated.recoveryKeys.map(toHex)).toEqual([alice.recovery.publicKey, next.publicKey].map(toHex))
  expect(() => grow(rotated, alice, { body: addDevice('phone'), by: 'recovery' })).toThrow(refused)
  expect(
    isActive(
      grow(rotated, { ...alice, recovery: next }, { body: addDevice('phone'), by: 'recovery' }),
      deviceKey('phone'),
    ),
  ).toBe(true)
})

test('a key that is neither root nor recovery signs nothing', () => {
  const mallory = owner('mallory')
  expect(() => grow(genesisLog(alice), { ...alice, root: mallory.root }, addDevice('phone'))).toThrow(refused)
  expect(() => grow(genesisLog(alice), mallory, { body: addDevice('phone'), by: 'recovery' })).toThrow(refused)
})

/** The same entry with another form of its signature's scalar: S plus the order of the base point. */
const withSecondForm = (entry: Uint8Array): Uint8Array => {
  const other = entry.slice()
  const at = other.length - 32
  let scalar = 2n ** 252n + 27742317777372353535851937790883648493n
  for (let i = 31; i >= 0; i--) scalar += BigInt(other[at + i] as number) << BigInt(8 * i)
  for (let i = 0; i < 32; i++) other[at + i] = Number((scalar >> BigInt(8 * i)) & 255n)
  return other
}

test('a signature with a second, equivalent form is refused, so that nobody can write an entry twice', async () => {
  const encoded = encodedLog(grow(genesisLog(alice), alice, addDevice('phone')))
  const twice = encoded.with(1, withSecondForm(encoded[1] as Uint8Array))
  expect(() => verifyLog(twice)).toThrow('signature does not verify')
  const lax = { ed25519: { ...platformEd25519, verify: () => Promise.resolve(true) } }
  await expect(verifyLogAsync(lax, twice)).rejects.toThrow('signature does not verify')
})

test('root and recovery key are two keys', () => {
  const { root } = alice
  expect(() => verifyLog(createLog({ root, recovery: root }))).toThrow(refused)
})

test('the address that was asked for is the address that must come', () => {
  const log = genesisLog(alice)
  expect(verifyLog(encodedLog(log), { address: log.address }).address).toBe(log.address)
  expect(() => verifyLog(encodedLog(log), { address: genesisLog(owner('bob')).address })).toThrow(refused)
})

test('bounds: no entries, too many, too large', () => {
  expect(() => verifyLog([])).toThrow(refused)
  const encoded = encodedLog(genesisLog(alice))
  expect(() => verifyLog(Array.from({ length: 1025 }, () => encoded[0] as Uint8Array))).toThrow(refused)
  expect(() => verifyLog([...encoded, new Uint8Array(8193)])).toThrow(refused)
})

test('a relay text that is no URL for this platform is skipped, not fatal', () => {
  const log = grow(genesisLog(alice), alice, setRelays('wss://[bad', 'wss://relay.example/', 'wss://relay.example'))
  expect(log.relays).toEqual(['wss://relay.example'])
})

test('the platform and tweetnacl verify the same logs and refuse the same ones', async () => {
  const crypto = { ed25519: platformEd25519 }
  const log = grow(genesisLog(alice), alice, addDevice('phone'), setRelays('wss://relay.example'))
  const encoded = encodedLog(log)
  expect(await verifyLogAsync(crypto, encoded, { address: log.address })).toEqual(log)
  const last = encoded[2] as Uint8Array
  for (let i = 1; i <= 64; i++) {
    const other = last.slice()
    other[last.length - i] = (other[last.length - i] as number) ^ 0x10
    await expect(verifyLogAsync(crypto, encoded.with(2, other), { known: log })).rejects.toThrow(refused)
  }
  await expect(verifyLogAsync(crypto, encoded, { address: genesisLog(owner('bob')).address })).rejects.toThrow(refused)
})

test('what is known is not verified again, and what is new is', async () => {
  let verified = 0
  const ed25519 = {
    ...platformEd25519,
    verify: (...args: Parameters<typeof platformEd25519.verify>) => {
      verified++
      return platformEd25519.verify(...args)
    },
  }
  const known = grow(genesisLog(alice), alice, addDevice('phone'), addDevice('laptop'))
  const longer = grow(known, alice, revokeDevice('phone'))
  expect(await verifyLogAsync({ ed25519 }, encodedLog(longer), { known })).toEqual(longer)
  expect(verified).toBe(1)
  await verifyLogAsync({ ed25519 }, encodedLog(longer))
  expect(verified).toBe(4)
})

test('a log from the own store is reopened by every rule but the signatures', () => {
  const log = grow(genesisLog(alice), alice, addDevice('phone'), revokeDevice('phone'))
  expect(reopenLog(encodedLog(log))).toEqual(log)
  expect(() => reopenLog(encodedLog(log).toSpliced(1, 1))).toThrow(refused)
})
