import {
  type CommitFrame,
  DchatError,
  decodeCommitFrame,
  type Entry,
  equalBytes,
  matchesReceipt,
  type Params,
  type ReceiptVerifier,
  toHex,
  topicIdOf,
  verifyCommitFrame,
} from '@dchat/sdk/wire'
import type { RelayCrypto } from '../platform.ts'
import type { Store, TopicAppend, TopicState } from '../store/store.ts'
import { type Job, resultOf } from './job.ts'
import { afterEntry, emptyTopic, sizeOf } from './topic-state.ts'

export interface RestoreRules {
  readonly crypto: RelayCrypto
  /** Rejects a receipt that this relay has not signed. */
  readonly verify: ReceiptVerifier
}

/** What stands again: the last place that is held now, and the entries that were given back. */
export interface Restored {
  readonly seq: number
  readonly entries: readonly Entry[]
}

const badReceipt = (reason: string) => new DchatError('relay/bad-receipt', { relay: '', reason })

/**
 * Takes back entries that this relay has signed and lost. Its own receipts are the proof that they stood there, so no key
 * is asked for: they get their places again, and nothing can be given back that was not said.
 */
export const restoreJob = (
  { topic, create, entries }: Params<'topic.restore'>,
  rules: RestoreRules,
): Job<Restored> => ({
  rows: entries.length + 1,
  plan: async (turn) => {
    const held = await turn.topic(topic)
    if (held === undefined && create === undefined) throw new DchatError('relay/unknown-topic', { topic: toHex(topic) })
    if (create !== undefined && !equalBytes(topicIdOf(create.key, create.nonce), topic))
      throw new DchatError('relay/not-permitted', { what: 'the topic id is not that of its first key' })
    const start = held ?? emptyTopic(create as NonNullable<typeof create>)
    let state = start
    const given: Entry[] = []
    const commits: { readonly frame: CommitFrame; readonly seq: number }[] = []
    for (const entry of entries) {
      const { receipt } = entry
      if (!equalBytes(receipt.topic, topic)) throw badReceipt('it is for another topic')
      if (receipt.seq <= start.seq) {
        await mustBeHeld(turn.store, entry)
        continue
      }
      if (receipt.seq !== state.seq + 1)
        throw new DchatError('relay/lost-entries', { topic: toHex(topic), seq: state.seq, known: receipt.seq })
      if (!equalBytes(receipt.previous, state.head))
        throw new DchatError('relay/conflict', { what: 'the place was given to another entry' })
      if (!matchesReceipt(entry)) throw badReceipt('the entry is not the one that was signed')
      const head = await rules.verify(receipt)
      const frame = receipt.kind === 'commit' ? await frameOf(entry, state, rules) : undefined
      state = afterEntry(state, receipt, head, sizeOf(entry), frame)
      given.push(entry)
      if (frame !== undefined) commits.push({ frame, seq: receipt.seq })
    }
    const keys = [
      ...(held === undefined ? [{ key: start.key, epoch: start.epoch }] : []),
      ...commits.map(({ frame }) => ({ key: frame.nextKey, epoch: frame.epoch + 1 })),
    ]
    turn.plan(
      topic,
      state,
      [],
      keys.map(({ key }) => key),
      [],
    )
    const append: TopicAppend = {
      type: 'topic.append',
      topic,
      expect: held?.seq ?? 'absent',
      entries: given,
      after: state,
      keys,
      removals: commits.filter(({ frame }) => frame.removes).map(({ frame, seq }) => ({ epoch: frame.epoch, seq })),
      blobs: [],
      time: turn.now,
    }
    return {
      placed: [],
      writes: () => (given.length === 0 ? [] : [append]),
      answer: (outcomes) => {
        for (const outcome of outcomes) resultOf(outcome)
        return { seq: state.seq, entries: given }
      },
    }
  },
})

/** What is passed over has to be the same, or the places were given twice. */
const mustBeHeld = async (store: Store, { receipt: { topic, seq, entry, previous } }: Entry): Promise<void> => {
  const [held] = await store.entries(topic, seq - 1, seq, { limit: 1, bytes: 0 })
  if (held === undefined || !equalBytes(held.receipt.entry, entry) || !equalBytes(held.receipt.previous, previous))
    throw new DchatError('relay/conflict', { what: 'the place was given to another entry' })
}

/** The frame was judged when the commit was accepted; the receipt says so. The key chain is followed all the same. */
const frameOf = async ({ frame: encoded, epoch }: Entry, state: TopicState, { crypto }: RestoreRules) => {
  if (encoded === null) throw badReceipt('a commit without its frame')
  const frame = decodeCommitFrame(encoded)
  if (frame.epoch !== epoch || epoch !== state.epoch) throw badReceipt('the commit is of another epoch')
  await verifyCommitFrame(crypto, frame, state.key)
  return frame
}
