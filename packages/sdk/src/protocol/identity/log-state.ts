import { DchatError } from '../../errors.ts'
import type { Address, DeviceId, RelayUrl } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { parseRelayUrl } from '../wire/relay-url.ts'
import { addressOf, deviceIdOf, type Genesis, genesisHash, recoveryHashOf } from './address.ts'
import { type EntryBody, type EntryContent, entryHash, type LogEntry } from './log-entry.ts'

/** A device as the log knows it. Once revoked it stays revoked. */
export interface LogDevice {
  readonly device: DeviceId
  /** Ed25519 public key: the MLS leaf key. */
  readonly deviceKey: Uint8Array
  /** X-Wing public key, 1216 bytes. */
  readonly introKey: Uint8Array
  readonly name?: string
  /** Hash of the add-device entry: what a leaf's credential names. */
  readonly certificate: Uint8Array
  /** Index of the add-device entry. */
  readonly addedAt: number
  /** Index of the revoke-device entry. */
  readonly revokedAt?: number
}

/** A verified identity log and what it says at its head. Plain data that survives `structuredClone`. */
export interface IdentityLog {
  readonly address: Address
  readonly genesis: Genesis
  readonly entries: readonly LogEntry[]
  /** Hash of the last entry, 32 bytes. */
  readonly head: Uint8Array
  /** Every root key that the identity ever had, the current one last. */
  readonly rootKeys: readonly Uint8Array[]
  readonly currentRoot: Uint8Array
  /** SHA-256 of every recovery key that it ever had, the current one last. */
  readonly recoveryHashes: readonly Uint8Array[]
  readonly currentRecoveryHash: Uint8Array
  /** The recovery keys that have shown themselves; the genesis holds a hash only. */
  readonly recoveryKeys: readonly Uint8Array[]
  /** Absent until the current recovery key has signed. */
  readonly currentRecovery?: Uint8Array
  /** By lower-case hex of the device key, revoked ones included. */
  readonly devices: ReadonlyMap<string, LogDevice>
  readonly relays: readonly RelayUrl[]
  /** X-Wing public key, 1216 bytes. */
  readonly archiveKey?: Uint8Array
}

/** What is being replayed: same fields, still growing. */
export interface Draft {
  readonly genesis: Genesis
  readonly entries: LogEntry[]
  head: Uint8Array
  readonly rootKeys: Uint8Array[]
  readonly recoveryHashes: Uint8Array[]
  readonly recoveryKeys: Uint8Array[]
  currentRecovery: Uint8Array | undefined
  readonly devices: Map<string, LogDevice>
  relays: readonly RelayUrl[]
  archiveKey: Uint8Array | undefined
  /** SHA-256 of every key that has a role: a key has one role, once. */
  readonly taken: Set<string>
}

const bad = (index: number, reason: string) =>
  new DchatError('identity/bad-log', { reason: `entry ${index}: ${reason}` })

const currentRoot = (draft: Draft): Uint8Array => draft.rootKeys[draft.rootKeys.length - 1] as Uint8Array
const currentRecoveryHash = (draft: Draft): Uint8Array =>
  draft.recoveryHashes[draft.recoveryHashes.length - 1] as Uint8Array

export const startDraft = (genesis: Genesis, encoded: Uint8Array): Draft => {
  const rootHash = recoveryHashOf(genesis.root)
  if (equalBytes(rootHash, genesis.recovery)) throw bad(0, 'root and recovery key are the same')
  const head = genesisHash(genesis)
  return {
    genesis,
    entries: [{ index: 0, hash: head, encoded }],
    head,
    rootKeys: [genesis.root],
    recoveryHashes: [genesis.recovery],
    recoveryKeys: [],
    currentRecovery: undefined,
    devices: new Map(),
    relays: [],
    archiveKey: undefined,
    taken: new Set([toHex(rootHash), toHex(genesis.recovery)]),
  }
}

const checkSigner = (draft: Draft, { index, signer, key, body }: EntryContent): void => {
  if (signer === 'root') {
    if (!equalBytes(key, currentRoot(draft))) throw bad(index, 'it names a root key that is not the current one')
    if (body.kind === 'rotate-recovery') throw bad(index, 'only the recovery key replaces itself')
    return
  }
  if (!equalBytes(recoveryHashOf(key), currentRecoveryHash(draft)))
    throw bad(index, 'it names a recovery key that is not the current one')
}

const take = (draft: Draft, index: number, key: Uint8Array): Uint8Array => {
  const hash = recoveryHashOf(key)
  const name = toHex(hash)
  if (draft.taken.has(name)) throw bad(index, 'its key was used before')
  draft.taken.add(name)
  return hash
}

/** A URL that this platform cannot read is skipped: it must not make the log invalid for some and valid for others. */
const readable = (texts: readonly string[]): RelayUrl[] => {
  const urls = texts.flatMap((text) => {
    try {
      return [parseRelayUrl(text)]
    } catch {
      return []
    }
  })
  return [...new Set(urls)]
}

const applyBody = (draft: Draft, index: number, hash: Uint8Array, body: EntryBody): void => {
  switch (body.kind) {
    case 'add-device': {
      take(draft, index, body.deviceKey)
      const { deviceKey, introKey, name } = body
      const device = { device: deviceIdOf(deviceKey), deviceKey, introKey, certificate: hash, addedAt: index }
      draft.devices.set(toHex(deviceKey), name === undefined ? device : { ...device, name })
      return
    }
    case 'revoke-device': {
      const key = toHex(body.deviceKey)
      const device = draft.devices.get(key)
      if (device === undefined) throw bad(index, 'it revokes a device that was never added')
      if (device.revokedAt !== undefined) throw bad(index, 'it revokes a device a second time')
      draft.devices.set(key, { ...device, revokedAt: index })
      return
    }
    case 'set-relays':
      draft.relays = readable(body.relays)
      draft.archiveKey = body.archiveKey
      return
    case 'rotate-root':
      take(draft, index, body.key)
      draft.rootKeys.push(body.key)
      return
    case 'rotate-recovery':
      draft.recoveryHashes.push(take(draft, index, body.key))
      draft.recoveryKeys.push(body.key)
      draft.currentRecovery = body.key
  }
}

/**
 * Applies an entry by every rule but the signatures, and throws `identity/bad-log` if it breaks one. `hash` is given
 * where it was computed before.
 */
export const applyEntry = (
  draft: Draft,
  content: EntryContent,
  encoded: Uint8Array,
  hash: Uint8Array = entryHash(content),
): void => {
  const index = draft.entries.length
  if (content.index !== index) throw bad(index, `it says that it is entry ${content.index}`)
  if (!equalBytes(content.previous, draft.head)) throw bad(index, 'it does not follow from the entry before')
  checkSigner(draft, content)
  if (content.signer === 'recovery' && draft.currentRecovery === undefined) {
    draft.currentRecovery = content.key
    draft.recoveryKeys.push(content.key)
  }
  applyBody(draft, index, hash, content.body)
  draft.entries.push({ index, hash, encoded, content })
  draft.head = hash
}

export const finishDraft = (draft: Draft): IdentityLog => {
  const { genesis, entries, head, rootKeys, recoveryHashes, recoveryKeys, devices, relays } = draft
  return {
    address: addressOf(genesis),
    genesis,
    entries,
    head,
    rootKeys,
    currentRoot: currentRoot(draft),
    recoveryHashes,
    currentRecoveryHash: currentRecoveryHash(draft),
    recoveryKeys,
    ...(draft.currentRecovery === undefined ? {} : { currentRecovery: draft.currentRecovery }),
    devices,
    relays,
    ...(draft.archiveKey === undefined ? {} : { archiveKey: draft.archiveKey }),
  }
}
