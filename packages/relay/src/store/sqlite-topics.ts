import { DchatError, ENTRY_KINDS, type Entry, type EntryKind, equalBytes } from '@dchat/sdk/wire'
import { packProof, unpackProof } from './proof.ts'
import { asBytes, asBytesOrNull, type Reads, type Row, type Sql, withinBytes } from './rows.ts'
import type { PageLimits, Store, TopicAppend, TopicState } from './store.ts'
import type { HeldTopic, TopicCache } from './topic-cache.ts'

const KINDS = Object.fromEntries(Object.entries(ENTRY_KINDS).map(([name, value]) => [value, name])) as Record<
  number,
  EntryKind
>

const ENTRY = 'seq, kind, epoch, time, reference, entry, previous, proof, frame, body'

const entryOf = (topic: Uint8Array, row: Row): Entry => ({
  epoch: row.epoch as number,
  reference: asBytes(row.reference),
  body: asBytesOrNull(row.body),
  frame: asBytesOrNull(row.frame),
  receipt: {
    topic,
    seq: row.seq as number,
    previous: asBytes(row.previous),
    entry: asBytes(row.entry),
    kind: KINDS[row.kind as number] as EntryKind,
    time: row.time as number,
    ...unpackProof(asBytes(row.proof)),
  },
})

const stateOf = (row: Row): TopicState => ({
  seq: row.seq as number,
  head: asBytes(row.head),
  epoch: row.epoch as number,
  time: row.time as number,
  key: asBytes(row.key),
  previousKey: asBytesOrNull(row.previous_key),
  removed: row.removed === 1,
  commitKey: asBytesOrNull(row.commit_key),
  bytes: row.bytes as number,
})

/** Rows of one page are read in steps, so that a page of large bodies does not load what it will not send. */
const STEP = 32

export type TopicReads = Pick<
  Store,
  'topic' | 'topicKeyEpoch' | 'firstRemoval' | 'entries' | 'entryByReference' | 'blob' | 'hasBlob'
>

const load = (sql: Reads, topic: Uint8Array): HeldTopic | undefined => {
  const row = sql.get('SELECT * FROM topics WHERE topic = ?', topic)
  return row && { id: row.id as number, state: stateOf(row) }
}

export const topicReads = (sql: Reads, cache: TopicCache): TopicReads => {
  const held = (topic: Uint8Array): HeldTopic | undefined => {
    const known = cache.get(topic)
    if (known) return known
    const found = load(sql, topic)
    return found && cache.set(topic, found)
  }
  const idOf = (topic: Uint8Array) => held(topic)?.id
  return {
    topic: async (topic) => held(topic)?.state,
    topicKeyEpoch: async (topic, key) =>
      sql.get(
        'SELECT epoch FROM topic_keys WHERE topic = (SELECT id FROM topics WHERE topic = ?) AND key = ?',
        topic,
        key,
      )?.epoch as number | undefined,
    firstRemoval: async (topic, epoch) => {
      const row = sql.get(
        `SELECT epoch, seq FROM removals WHERE topic = (SELECT id FROM topics WHERE topic = ?) AND epoch >= ?
         ORDER BY epoch LIMIT 1`,
        topic,
        epoch,
      )
      return row && { epoch: row.epoch as number, seq: row.seq as number }
    },
    entries: async (topic, after, upTo, page) => {
      const id = idOf(topic)
      return id === undefined ? [] : withinBytes(rows(sql, id, topic, after, upTo, page), page.bytes, entrySize)
    },
    entryByReference: async (topic, reference) => {
      const id = idOf(topic)
      if (id === undefined) return undefined
      const row = sql.get(`SELECT ${ENTRY} FROM entries WHERE topic = ? AND reference = ?`, id, reference)
      return row && entryOf(topic, row)
    },
    hasBlob: async (id) => hasBlob(sql, id),
    blob: async (id) => {
      const row = sql.get('SELECT body FROM blobs WHERE id = ?', id)
      return row && asBytes(row.body)
    },
  }
}

const hasBlob = (sql: Reads, id: Uint8Array) => sql.get('SELECT 1 AS held FROM blobs WHERE id = ?', id) !== undefined

const entrySize = ({ body, frame }: Entry) => (body?.length ?? 0) + (frame?.length ?? 0)

const rows = function* (
  sql: Reads,
  id: number,
  topic: Uint8Array,
  after: number,
  upTo: number,
  page: PageLimits,
): Iterable<Entry> {
  const last = Math.min(upTo, Number.MAX_SAFE_INTEGER)
  let from = after
  let left = page.limit
  while (left > 0) {
    const step = Math.min(left, STEP)
    const found = sql.all(
      `SELECT ${ENTRY} FROM entries WHERE topic = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
      id,
      from,
      last,
      step,
    )
    for (const row of found) yield entryOf(topic, row)
    if (found.length < step) return
    from = found[found.length - 1]?.seq as number
    left -= step
  }
}

export const appendTopic =
  (sql: Sql, cache: TopicCache) =>
  ({ topic, expect, entries, after, keys, removals = [], blobs, time }: TopicAppend): null => {
    const before = cache.getWritten(topic) ?? load(sql, topic)
    if ((before?.state.seq ?? 'absent') !== expect)
      throw new DchatError('relay/conflict', { what: 'the topic moved on' })
    if (
      blobs.some(({ id }, index) => hasBlob(sql, id) || blobs.findIndex((other) => equalBytes(other.id, id)) !== index)
    )
      throw new DchatError('relay/conflict', { what: 'a blob of this id exists' })
    if (
      before &&
      keys.some(({ key }) => sql.get('SELECT 1 AS held FROM topic_keys WHERE topic = ? AND key = ?', before.id, key))
    )
      throw new DchatError('relay/conflict', { what: 'the topic had this key before' })
    const state = [
      after.seq,
      after.head,
      after.epoch,
      after.time,
      after.key,
      after.previousKey,
      after.removed ? 1 : 0,
      after.commitKey,
      after.bytes,
    ]
    const id = before
      ? before.id
      : sql.run(
          'INSERT INTO topics (topic, seq, head, epoch, time, key, previous_key, removed, commit_key, bytes) VALUES (?,?,?,?,?,?,?,?,?,?)',
          topic,
          ...state,
        ).lastInsertRowid
    if (before)
      sql.run(
        'UPDATE topics SET seq=?, head=?, epoch=?, time=?, key=?, previous_key=?, removed=?, commit_key=?, bytes=? WHERE id=?',
        ...state,
        id,
      )
    for (const { epoch, reference, body, frame, receipt } of entries)
      sql.run(
        `INSERT INTO entries (topic, seq, kind, epoch, time, reference, entry, previous, proof, frame, body)
         VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
        id,
        receipt.seq,
        ENTRY_KINDS[receipt.kind],
        epoch,
        receipt.time,
        reference,
        receipt.entry,
        receipt.previous,
        packProof(receipt),
        frame,
        body,
      )
    for (const { key, epoch } of keys)
      sql.run('INSERT INTO topic_keys (topic, key, epoch) VALUES (?,?,?)', id, key, epoch)
    for (const { epoch, seq } of removals)
      sql.run('INSERT INTO removals (topic, epoch, seq) VALUES (?,?,?)', id, epoch, seq)
    for (const blob of blobs) sql.run('INSERT INTO blobs (id, time, body) VALUES (?,?,?)', blob.id, time, blob.body)
    cache.write(topic, { id, state: after })
    return null
  }
