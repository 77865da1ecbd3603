import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  appendEntry,
  type EntryBody,
  encodedLog,
  type IdentityLog,
  isActive,
  verifyLog,
} from '../../src/protocol/identity/log.ts'
import { decodeEntry, encodeEntry, type SignedEntry } from '../../src/protocol/identity/log-entry.ts'
import { equalBytes } from '../../src/util/bytes.ts'
import { mutated } from '../mutate.ts'
import {
  addDevice,
  deviceKey,
  genesisLog,
  grow,
  keyOf,
  type Owner,
  owner,
  revokeDevice,
  setRelays,
} from './histories.ts'

const alice = owner('alice')
const refused = expect.objectContaining({ name: 'DchatError', code: 'identity/bad-log' })

const rotate = (log: IdentityLog, keys: Owner, role: 'root' | 'recovery', name: string): [IdentityLog, Owner] => {
  const next = keyOf(name)
  const body = { kind: `rotate-${role}`, key: next.publicKey } as EntryBody
  const longer = appendEntry(log, body, { role, secretKey: keys[role].secretKey }, next.secretKey)
  return [verifyLog(longer, { known: log }), { ...keys, [role]: next }]
}

const full = ((): IdentityLog => {
  const start = grow(
    genesisLog(alice),
    alice,
    addDevice('phone'),
    setRelays('wss://relay.example'),
    addDevice('laptop'),
  )
  const [rotated, keys] = rotate(start, alice, 'recovery', 'alice/recovery/2')
  const [again, latest] = rotate(rotated, keys, 'root', 'alice/root/2')
  return grow(
    again,
    latest,
    revokeDevice('phone'),
    { body: addDevice('tablet'), by: 'recovery' },
    revokeDevice('laptop'),
  )
})()

const isPrefix = (encoded: readonly Uint8Array[]): boolean =>
  encoded.every((entry, i) => equalBytes(entry, full.entries[i]?.encoded ?? new Uint8Array()))

/** One change: in the bytes of an entry, or in which entries there are. */
const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('bytes' as const), entry: fc.nat(), mutation: mutated }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap' as const), entry: fc.nat(), other: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), entry: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), entry: fc.nat(), other: fc.nat() }) },
)

test('ten thousand mutations of a log: a typed error, or a beginning of the log that was signed', () => {
  const original = encodedLog(full)
  const at = (place: number): Uint8Array => original[place % original.length] as Uint8Array
  let errors = 0
  fc.assert(
    fc.property(change, (step) => {
      const index = step.entry % original.length
      const encoded =
        step.kind === 'bytes'
          ? original.with(index, step.mutation(at(index)))
          : step.kind === 'swap'
            ? original.with(index, at(step.other)).with(step.other % original.length, at(index))
            : step.kind === 'delete'
              ? original.toSpliced(index, 1)
              : original.toSpliced(index, 0, at(step.other))
      try {
        const log = verifyLog(encoded, { known: full })
        expect(isPrefix(encodedLog(log))).toBe(true)
      } catch (error) {
        expect(error).toEqual(refused)
        errors++
      }
    }),
    { numRuns: 10_000 },
  )
  expect(errors).toBeGreaterThan(8_000)
})

test('no bit of any entry can change without being noticed', () => {
  const original = encodedLog(full)
  const last = original.length - 1
  const bytes = original[last] as Uint8Array
  for (let i = 0; i < bytes.length; i++) {
    const other = bytes.slice()
    other[i] = (other[i] as number) ^ (1 << (i % 8))
    expect(() => verifyLog(original.with(last, other), { known: full }), `byte ${i}`).toThrow(refused)
  }
  for (let entry = 1; entry < last; entry++) {
    const other = (original[entry] as Uint8Array).slice()
    const place = other.length - 1 - entry
    other[place] = (other[place] as number) ^ 1
    expect(() => verifyLog(original.with(entry, other), { known: full }), `entry ${entry}`).toThrow(refused)
  }
})

test('a field that nobody knows is refused in signed bytes', () => {
  const entry = decodeEntry(full.entries[1]?.encoded as Uint8Array, 1)
  const more = (extra: object): SignedEntry => ({
    ...entry,
    content: { ...entry.content, body: { ...entry.content.body, ...extra } },
  })
  expect(() => decodeEntry(encodeEntry(more({ colour: 'red' })), 1)).toThrow(refused)
  expect(() => decodeEntry(encodeEntry(more({ kind: 'add-friend' })), 1)).toThrow(refused)
  expect(() => decodeEntry(encodeEntry(more({ name: 'x'.repeat(65) })), 1)).toThrow(refused)
  expect(() => decodeEntry(encodeEntry(more({ at: -1 })), 1)).toThrow(refused)
  expect(decodeEntry(encodeEntry(more({ name: 'y' })), 1).content.index).toBe(1)
})

const NAMES = ['phone', 'laptop', 'tablet', 'watch'] as const
const step = fc.record({
  kind: fc.constantFrom('add', 'revoke', 'relays', 'rotate-root', 'rotate-recovery'),
  name: fc.constantFrom(...NAMES),
  by: fc.constantFrom('root' as const, 'recovery' as const),
})

test('random histories: what the rules allow verifies, what they forbid is refused, and the head tells the devices', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let keys = alice
      let log = genesisLog(alice)
      const devices = new Map<string, 'active' | 'revoked'>()
      steps.forEach(({ kind, name, by }, i) => {
        if (kind === 'rotate-root' || kind === 'rotate-recovery') {
          const role = kind === 'rotate-root' ? 'root' : 'recovery'
          const rotated = rotate(log, keys, role, `alice/${role}/${i}`)
          log = rotated[0]
          keys = rotated[1]
          return
        }
        const body =
          kind === 'add' ? addDevice(name) : kind === 'revoke' ? revokeDevice(name) : setRelays(`wss://${name}.example`)
        const state = devices.get(name)
        const allowed = kind === 'relays' || (kind === 'add' ? state === undefined : state === 'active')
        if (!allowed) {
          expect(() => grow(log, keys, { body, by })).toThrow(refused)
          return
        }
        log = grow(log, keys, { body, by })
        if (kind !== 'relays') devices.set(name, kind === 'add' ? 'active' : 'revoked')
      })
      expect(verifyLog(encodedLog(log))).toEqual(log)
      for (const name of NAMES) expect(isActive(log, deviceKey(name))).toBe(devices.get(name) === 'active')
    }),
    { numRuns: 20 },
  )
})
