import { equalBytes } from '../../util/bytes.ts'
import { hashOf } from '../wire/cbor.ts'
import { ENTRY_KINDS, type Entry, type EntryKind } from '../wire/methods.ts'

/** The head of an empty topic. */
export const ZERO_HEAD = new Uint8Array(32)

/** Hash of a wrapped body: what the entry hash and a commit frame name. */
export const bodyHash = (body: Uint8Array): Uint8Array => hashOf('body', body)

/** Hash of an encoded commit frame. */
export const frameHash = (frame: Uint8Array): Uint8Array => hashOf('frame', frame)

/** Hash of a blob that travels with a commit. */
export const attachedHash = (body: Uint8Array): Uint8Array => hashOf('attached', body)

export interface EntryContent {
  readonly topic: Uint8Array
  readonly kind: EntryKind
  readonly epoch: number
  readonly reference: Uint8Array
  readonly body: Uint8Array
  readonly frame?: Uint8Array | null | undefined
}

/** The entry hash. It covers the hashes of body and frame, so it outlives a trim (topic.md). */
export const entryHash = ({ topic, kind, epoch, reference, body, frame }: EntryContent): Uint8Array =>
  hashOf('entry', [topic, ENTRY_KINDS[kind], epoch, reference, bodyHash(body), frame ? frameHash(frame) : null])

export interface HeadStep {
  readonly topic: Uint8Array
  /** Of this entry, from 1. */
  readonly seq: number
  /** Head after entry `seq - 1`. */
  readonly previous: Uint8Array
  readonly entry: Uint8Array
  /** Accepted time, ms since 1970. */
  readonly time: number
  readonly kind: EntryKind
}

/** The head after an entry: the hash that stands for the topic up to and including it. */
export const nextHead = ({ topic, seq, previous, entry, time, kind }: HeadStep): Uint8Array =>
  hashOf('head', [topic, seq, previous, entry, time, ENTRY_KINDS[kind]])

/** True if a delivered entry that still has its body is the one that its receipt speaks of, epoch and reference included. */
export const matchesReceipt = ({ epoch, reference, body, frame, receipt }: Entry): boolean =>
  body !== null &&
  equalBytes(entryHash({ topic: receipt.topic, kind: receipt.kind, epoch, reference, body, frame }), receipt.entry)
