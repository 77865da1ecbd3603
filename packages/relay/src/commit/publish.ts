import {
  bodyHash,
  type CommitFrame,
  type Crypto,
  DchatError,
  decodeCommitFrame,
  type Entry,
  type EntryUpload,
  entryHash,
  equalBytes,
  matchesAttached,
  nextHead,
  type Params,
  type Receipt,
  toHex,
  topicIdOf,
  verifyApproval,
  verifyCommitFrame,
} from '@dchat/sdk/wire'
import { mayWrite, readsUpTo } from '../policy/access.ts'
import { withinQuota } from '../policy/quota.ts'
import type { TopicState } from '../store/store.ts'
import { type Job, type Plan, resultOf } from './job.ts'
import { afterEntry, emptyTopic, sizeOf } from './topic-state.ts'
import type { Placed, Turn } from './turn.ts'

/** What the connection has shown about one topic. */
export interface TopicAccess {
  proved(key: Uint8Array): boolean
  /** The newest epoch of the topic whose key was shown. */
  newestEpoch(): Promise<number | undefined>
}

export interface PublishRules {
  readonly crypto: Pick<Crypto, 'ed25519'>
  readonly topicBytes: number
  /** Asked only when this connection would open a topic; throws if it may not: `transport/rate-limited`, `relay/not-invited`. */
  readonly mayCreate: () => Promise<void>
}

const notPermitted = (what: string) => new DchatError('relay/not-permitted', { what })
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'publish', reason })

/**
 * Appends to a topic. Everything is decided on the state that the turn has reached, so the compare-and-swap of a commit
 * and the order of entries need no lock.
 */
export const publishJob = (
  params: Params<'topic.publish'>,
  access: TopicAccess,
  rules: PublishRules,
): Job<{ receipts: Receipt[] }> => ({
  rows: params.entries.length + 1,
  bytes: [...params.entries, ...(params.attach ?? [])].reduce((sum, { body }) => sum + body.length, 0),
  plan: async (turn) => {
    const { topic, entries, attach = [] } = params
    if (entries.some(({ kind }) => kind === 'commit') && entries.length > 1)
      throw malformed('a commit stands alone in its request')
    const held = await turn.topic(topic)
    if (params.after !== undefined && held !== undefined && params.after > held.seq)
      throw new DchatError('relay/lost-entries', { topic: toHex(topic), seq: held.seq, known: params.after })
    const start = await openTopic(params, held, access, rules)
    const draft = await place(turn, params, start, access, rules)
    const isNew = held === undefined
    const { state, frame, placed } = draft
    const keys = [
      ...(isNew ? [{ key: start.key, epoch: start.epoch }] : []),
      ...(frame ? [{ key: frame.nextKey, epoch: state.epoch }] : []),
    ]
    const blobs = frame ? attach : []
    turn.plan(
      topic,
      state,
      placed,
      keys.map(({ key }) => key),
      blobs.map(({ id }) => id),
    )
    const append = () => ({
      type: 'topic.append' as const,
      topic,
      expect: held?.seq ?? ('absent' as const),
      entries: placed.map(entryOf),
      after: state,
      keys,
      ...(frame?.removes ? { removals: [{ epoch: frame.epoch, seq: state.seq }] } : {}),
      blobs,
      time: turn.now,
    })
    return {
      placed,
      writes: () => (isNew || placed.length > 0 ? [append()] : []),
      answer: (outcomes) => {
        for (const outcome of outcomes) resultOf(outcome)
        return { receipts: draft.answers.map(receiptOf) }
      },
    } satisfies Plan<{ receipts: Receipt[] }>
  },
})

/** The state to append to: the topic's, or that of the topic which this request creates. */
const openTopic = async (
  { topic, create }: Params<'topic.publish'>,
  held: TopicState | undefined,
  access: TopicAccess,
  rules: PublishRules,
): Promise<TopicState> => {
  if (create && !equalBytes(topicIdOf(create.key, create.nonce), topic))
    throw notPermitted('the topic id is not that of its first key')
  if (held) return held
  if (!create) throw new DchatError('relay/unknown-topic', { topic: toHex(topic) })
  if (!access.proved(create.key)) throw notPermitted('the first topic key was not proven')
  await rules.mayCreate()
  return emptyTopic(create)
}

interface Draft {
  readonly state: TopicState
  readonly placed: readonly Placed[]
  /** In the order of the request: new ones and those that were known. */
  readonly answers: readonly (Placed | Entry)[]
  readonly frame: CommitFrame | undefined
}

const place = async (
  turn: Turn,
  params: Params<'topic.publish'>,
  start: TopicState,
  access: TopicAccess,
  rules: PublishRules,
): Promise<Draft> => {
  const { topic } = params
  let state = start
  let frame: CommitFrame | undefined
  const placed: Placed[] = []
  const answers: (Placed | Entry)[] = []
  for (const upload of params.entries) {
    const known =
      placed.find((entry) => equalBytes(entry.upload.reference, upload.reference)) ??
      (await turn.known(topic, upload.reference))
    if (known) {
      await mayRepeat(turn, topic, state, known, access)
      answers.push(known)
      continue
    }
    const verdict = mayWrite(state, upload, access.proved)
    if (verdict === 'not-permitted') throw notPermitted('no proof of the topic key of this epoch')
    if (verdict === 'wrong-epoch')
      throw new DchatError('relay/wrong-epoch', { topic: toHex(topic), epoch: state.epoch })
    const size = sizeOf(upload)
    withinQuota('stored bytes of one topic', rules.topicBytes, state.bytes, size)
    if (upload.kind === 'commit') frame = await checkCommit(turn, params, upload, state, rules)
    else if (upload.frame || params.attach?.length) throw malformed('only a commit has a frame and attachments')
    const entry = placeEntry(topic, upload, state, turn.now)
    placed.push(entry)
    answers.push(entry)
    state = afterEntry(state, entry.step, entry.head, size, frame)
  }
  return { state, placed, answers, frame }
}

const placeEntry = (topic: Uint8Array, upload: EntryUpload, state: TopicState, now: number): Placed => {
  const { kind, epoch, reference, body, frame = null } = upload
  const step = {
    topic,
    seq: state.seq + 1,
    previous: state.head,
    entry: entryHash({ topic, ...upload }),
    time: Math.max(now, state.time),
    kind,
  }
  return { step, head: nextHead(step), upload: { epoch, reference, body, frame }, durable: false }
}

/** Whoever may read an entry may be told its receipt again. */
const mayRepeat = async (
  turn: Turn,
  topic: Uint8Array,
  state: TopicState,
  known: Placed | Entry,
  access: TopicAccess,
): Promise<void> => {
  if (access.proved(state.key)) return
  const epoch = await access.newestEpoch()
  const removal = epoch === undefined ? undefined : await turn.store.firstRemoval(topic, epoch)
  const seq = 'step' in known ? known.step.seq : known.receipt.seq
  if (readsUpTo(epoch, removal) < seq) throw notPermitted('no proof of a topic key that opens this entry')
}

/** A commit's frame against the topic: what the relay can judge of it (topic.md). */
const checkCommit = async (
  turn: Turn,
  { topic, attach = [] }: Params<'topic.publish'>,
  { body, epoch, frame: encoded, approval }: EntryUpload,
  state: TopicState,
  { crypto }: PublishRules,
): Promise<CommitFrame> => {
  if (!encoded) throw malformed('a commit needs its frame')
  const frame = decodeCommitFrame(encoded)
  if (!equalBytes(frame.topic, topic) || frame.epoch !== epoch)
    throw malformed('the frame names another topic or epoch')
  if (!equalBytes(frame.commit, bodyHash(body))) throw malformed('the frame names another commit')
  if (!matchesAttached(frame, attach)) throw malformed('the frame names other attachments')
  if (new Set(attach.map(({ id }) => toHex(id))).size !== attach.length) throw malformed('two attachments have one id')
  await verifyCommitFrame(crypto, frame, state.key)
  if (state.commitKey !== null) {
    if (approval === undefined) throw notPermitted('a commit here needs the approval of the commit key')
    await verifyApproval(crypto, encoded, state.commitKey, approval)
  }
  if (equalBytes(frame.nextKey, state.key) || (await turn.hasKey(topic, frame.nextKey)))
    throw new DchatError('relay/conflict', { what: 'the topic had the next key before' })
  for (const { id } of attach)
    if (await turn.hasBlob(id)) throw new DchatError('relay/conflict', { what: 'a blob of this id exists' })
  return frame
}

const entryOf = ({ upload, receipt }: Placed): Entry => {
  if (!receipt) throw new Error('an entry was written before its receipt')
  return { ...upload, receipt }
}

const receiptOf = (entry: Placed | Entry): Receipt => {
  if ('durable' in entry && !entry.durable) throw new DchatError('relay/conflict', { what: 'the entry was not stored' })
  if (!entry.receipt) throw new Error('an answer was made before its receipt')
  return entry.receipt
}
