import {
  addressOf,
  deviceIdOf,
  genesisOf,
  type IdentityKind,
  recoveryHashOf,
} from '../../src/protocol/identity/address.ts'
import {
  appendEntry,
  type EntryBody,
  encodedLog,
  type IdentityLog,
  verifyLog,
} from '../../src/protocol/identity/log.ts'
import {
  decodeEntry,
  type EntryContent,
  encodeEntry,
  encodeGenesis,
  entryStatement,
} from '../../src/protocol/identity/log-entry.ts'
import { createPhrase, rootsOf } from '../../src/protocol/identity/phrase.ts'
import { type SigningKey, signWith } from '../../src/protocol/identity/signing.ts'
import { concat, toHex } from '../../src/util/bytes.ts'
import { addDevice, genesisLog, grow, keyOf, owner, revokeDevice, seedOf, setRelays } from './histories.ts'

/** Makes the files of `vectors/identity`; `vectors.test.ts` holds the files against it, or writes them. */

const identityVector = (name: string, kind: IdentityKind) => {
  const phrase = createPhrase((length) => seedOf(name).subarray(0, length))
  const { root, recovery, archiveSeed } = rootsOf(phrase)
  const genesis = genesisOf(root.publicKey, recoveryHashOf(recovery.publicKey), kind)
  return {
    phrase,
    kind,
    rootSeed: toHex(root.secretKey.subarray(0, 32)),
    rootKey: toHex(root.publicKey),
    recoverySeed: toHex(recovery.secretKey.subarray(0, 32)),
    recoveryKey: toHex(recovery.publicKey),
    archiveSeed: toHex(archiveSeed),
    genesis: toHex(encodeGenesis(genesis)),
    address: addressOf(genesis),
  }
}

export const identityVectors = () => ({
  identities: [identityVector('one', 'person'), identityVector('two', 'person'), identityVector('two', 'bot')],
  devices: ['phone', 'laptop'].map((name) => {
    const { publicKey } = keyOf(`device/${name}`)
    return { deviceKey: toHex(publicKey), device: deviceIdOf(publicKey) }
  }),
})

const alice = owner('alice')
const base = grow(genesisLog(alice), alice, addDevice('phone'), setRelays('wss://relay.example'))
const nextRoot = keyOf('alice/root/2')
const nextRecovery = keyOf('alice/recovery/2')

const rotated = ((): IdentityLog => {
  const recovery = { role: 'recovery', secretKey: alice.recovery.secretKey } as const
  const one = appendEntry(
    base,
    { kind: 'rotate-recovery', key: nextRecovery.publicKey },
    recovery,
    nextRecovery.secretKey,
  )
  const two = appendEntry(
    one,
    { kind: 'rotate-root', key: nextRoot.publicKey },
    { role: 'recovery', secretKey: nextRecovery.secretKey },
    nextRoot.secretKey,
  )
  return verifyLog(two)
})()
const after = grow(rotated, { root: nextRoot, recovery: nextRecovery }, addDevice('laptop'), revokeDevice('phone'))

/** An entry that is signed properly, whatever it says. */
const forced = (
  log: IdentityLog,
  body: object,
  key: SigningKey,
  change: Partial<EntryContent> = {},
  proof?: SigningKey,
): Uint8Array[] => {
  const content: EntryContent = {
    version: 1,
    index: log.entries.length,
    previous: log.head,
    signer: 'root',
    key: key.publicKey,
    body: body as EntryBody,
    ...change,
  }
  const signed = entryStatement(content)
  const entry = {
    content,
    signature: signWith(key.secretKey, signed),
    proof: proof && signWith(proof.secretKey, signed),
  }
  return [...encodedLog(log), encodeEntry(entry)]
}

const withLastByte = (encoded: readonly Uint8Array[]): Uint8Array[] => {
  const last = (encoded[encoded.length - 1] as Uint8Array).slice()
  last[last.length - 40] = (last[last.length - 40] as number) ^ 1
  return [...encoded.slice(0, -1), last]
}

const unproven = (encoded: readonly Uint8Array[]): Uint8Array[] => {
  const { content, signature } = decodeEntry(encoded[encoded.length - 1] as Uint8Array, encoded.length - 1)
  return [...encoded.slice(0, -1), encodeEntry({ content, signature })]
}

const valid: readonly [string, IdentityLog][] = [
  ['genesis alone', genesisLog(alice)],
  ['a device and home relays', base],
  ['recovery and root key rotated', rotated],
  ['a device added and one revoked by the new root key', after],
]

const { root } = alice
const thief = keyOf('thief')
const invalid: readonly [string, readonly Uint8Array[]][] = [
  ['no entries', []],
  ['no genesis', encodedLog(base).slice(1)],
  ['an entry left out', encodedLog(base).toSpliced(1, 1)],
  ['two entries swapped', [0, 2, 1].map((i) => encodedLog(base)[i] as Uint8Array)],
  ['an entry repeated', [...encodedLog(base), encodedLog(base)[2] as Uint8Array]],
  ['a signature changed', withLastByte(encodedLog(base))],
  ['signed by a stranger in the name of root', forced(base, addDevice('tablet'), thief)],
  ['signed by a stranger in the name of recovery', forced(base, addDevice('tablet'), thief, { signer: 'recovery' })],
  ['signed by the root key that was replaced', forced(after, addDevice('tablet'), root)],
  ['a device key certified again', forced(base, addDevice('phone'), root)],
  ['a revoked device key certified again', forced(after, addDevice('phone'), nextRoot)],
  ['a device revoked twice', forced(after, revokeDevice('phone'), nextRoot)],
  ['a device revoked that was never added', forced(base, revokeDevice('tablet'), root)],
  [
    'the recovery key replaced by root',
    forced(base, { kind: 'rotate-recovery', key: nextRecovery.publicKey }, root, {}, nextRecovery),
  ],
  [
    'a rotation without the new key',
    unproven(forced(base, { kind: 'rotate-root', key: nextRoot.publicKey }, root, {}, nextRoot)),
  ],
  [
    'a rotation signed by another new key',
    forced(base, { kind: 'rotate-root', key: nextRoot.publicKey }, root, {}, thief),
  ],
  [
    'a rotation back to a former root key',
    forced(after, { kind: 'rotate-root', key: root.publicKey }, nextRoot, {}, root),
  ],
  ['a second signature where none belongs', forced(base, addDevice('tablet'), root, {}, thief)],
  ['a wrong index', forced(base, addDevice('tablet'), root, { index: 4 })],
  ['a wrong previous hash', forced(base, addDevice('tablet'), root, { previous: seedOf('other') })],
  ['an unknown kind', forced(base, { kind: 'add-friend' }, root)],
  ['an unknown field', forced(base, { ...revokeDevice('phone'), reason: 'lost' }, root)],
  ['nine relays', forced(base, setRelays(...Array.from({ length: 9 }, (_, i) => `wss://r${i}.example`)), root)],
  ['a relay that is no WebSocket URL', forced(base, setRelays('https://relay.example'), root)],
  [
    'an entry that is not deterministic CBOR',
    [
      ...encodedLog(base).slice(0, 2),
      concat(new Uint8Array([0xb9, 0, 2]), (encodedLog(base)[2] as Uint8Array).subarray(1)),
    ],
  ],
]

/** Entries stand once, and logs name their places: most logs share a beginning. */
export const logVectors = () => {
  const entries: string[] = []
  const placeOf = (encoded: Uint8Array): number => {
    const hex = toHex(encoded)
    if (!entries.includes(hex)) entries.push(hex)
    return entries.indexOf(hex)
  }
  return {
    valid: valid.map(([name, log]) => ({
      name,
      log: encodedLog(log).map(placeOf),
      address: log.address,
      head: toHex(log.head),
      root: toHex(log.currentRoot),
      recoveryHash: toHex(log.currentRecoveryHash),
      devices: [...log.devices.values()].map(({ device, addedAt, revokedAt }) => ({ device, addedAt, revokedAt })),
      relays: log.relays,
    })),
    invalid: invalid.map(([name, encoded]) => ({ name, log: encoded.map(placeOf), error: 'identity/bad-log' })),
    entries,
  }
}
