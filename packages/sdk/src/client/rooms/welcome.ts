import { DchatError } from '../../errors.ts'
import { encodedLog } from '../../protocol/identity/log.ts'
import {
  decodeWelcomeBody,
  encodeWelcomeBody,
  encodeWelcomePointer,
  type Place,
  type WelcomeBody,
} from '../../protocol/inbox/bodies.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import { FRAME_LIMIT } from '../../protocol/wire/frames.ts'
import { BLOB_LIMIT } from '../../protocol/wire/limits.ts'
import type { AttachedBlob } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { concat, fromHex, utf8 } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import type { Directory } from '../directory.ts'
import type { PendingCommitRecord } from '../records.ts'
import { othersToAsk } from './people.ts'
import type { Work } from './work.ts'

const AAD = utf8('dchat/welcome/v1')
/** The key seals one body only. */
const NONCE = new Uint8Array(12)
/** Bytes for what else stands in a frame, moves too, and for the names of a person who has accepted and of a log's entry. */
const REST = 64 * 1024
const PER_PERSON = 192
const PER_ENTRY = 8

/** Encrypts the body of a Welcome once for all joiners, in chunks under random ids (groups.md). */
export const sealWelcome = async (
  { crypto }: Pick<Core, 'crypto'>,
  body: WelcomeBody,
): Promise<{ key: Uint8Array; blobs: readonly AttachedBlob[] }> => {
  const key = crypto.random(32)
  const sealed = await crypto.aead.seal(key, NONCE, encodeWelcomeBody(body), AAD)
  const blobs: AttachedBlob[] = []
  for (let at = 0; at < sealed.length; at += BLOB_LIMIT)
    blobs.push({ id: crypto.random(16), body: sealed.subarray(at, at + BLOB_LIMIT) })
  return { key, blobs }
}

/** Throws `crypto/cannot-decrypt` or `protocol/malformed`. */
export const openWelcome = async (
  { crypto }: Pick<Core, 'crypto'>,
  key: Uint8Array,
  chunks: readonly Uint8Array[],
): Promise<WelcomeBody> => decodeWelcomeBody(await crypto.aead.open(key, NONCE, concat(...chunks), AAD))

/**
 * Commit and Welcome leave in one frame, so a large group's Welcome carries the logs that fit, those with the highest
 * roles first, and tells where the others are. A log proves itself, wherever it comes from.
 */
export const welcomeBody = async (
  { directory }: Pick<Core, 'directory'>,
  snapshot: Snapshot,
  parts: Pick<WelcomeBody, 'welcome' | 'tree' | 'snapshot' | 'heard' | 'moves'>,
  commitBytes: number,
): Promise<WelcomeBody> => {
  const room = FRAME_LIMIT - REST - commitBytes - parts.welcome.length - parts.tree.length - parts.snapshot.length
  return { ...parts, ...(await logsThatFit(directory, othersToAsk(snapshot), room)) }
}

interface Logs {
  readonly logs: readonly (readonly Uint8Array[])[]
  readonly places: readonly Place[]
}

/** The logs of people as far as they fit into so many bytes, the first ones first, and where the others' are. */
export const logsThatFit = async (
  directory: Pick<Directory, 'get' | 'relaysOf'>,
  people: readonly Address[],
  bytes: number,
): Promise<Logs> => {
  let room = bytes
  const logs: (readonly Uint8Array[])[] = []
  const places: Place[] = []
  for (const address of people) {
    const log = await directory.get(address)
    if (log === undefined) continue
    const encoded = encodedLog(log)
    const relays = directory.relaysOf(address)
    // Both kinds cost: an address is named either way.
    const size = encoded.reduce((sum, entry) => sum + entry.length + PER_ENTRY, 0) + PER_PERSON
    if (size <= room - PER_PERSON * (people.length - logs.length)) {
      logs.push(encoded)
      room -= size
    } else {
      places.push({ address, relays })
      room -= PER_PERSON
    }
  }
  return { logs, places }
}

/** What a joiner needs to find its Welcome. */
export const welcomePointerFor = (
  { record, control }: Pick<Work, 'record' | 'control'>,
  pending: PendingCommitRecord,
  keyPackage: Uint8Array,
  seq: number,
  profile?: Uint8Array,
): Uint8Array => {
  if (pending.blobKey === undefined)
    throw new DchatError('protocol/malformed', { format: 'pending commit', reason: 'no key' })
  const { kind, name, people } = control.snapshot
  return encodeWelcomePointer({
    room: fromHex(record.id) as Uint8Array,
    topic: record.topic,
    hub: record.hub,
    suite: record.suite,
    seq,
    package: keyPackage,
    blobs: pending.blobs.map(({ id }) => id),
    blobKey: pending.blobKey,
    kind,
    name,
    people: people.length,
    ...(profile === undefined ? {} : { profile }),
  })
}
