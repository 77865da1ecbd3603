import { randomBytes } from 'node:crypto'
import { type Entry, type EntryKind, entryHash, nextHead, ZERO_HEAD } from '@dchat/sdk/wire'
import type { TopicAppend, TopicState } from '../store/store.ts'

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

export const newTopic = (): { topic: Uint8Array; state: TopicState } => ({
  topic: random(32),
  state: {
    seq: 0,
    head: ZERO_HEAD,
    epoch: 0,
    time: 0,
    key: random(32),
    previousKey: null,
    removed: false,
    commitKey: null,
    bytes: 0,
  },
})

export interface EntryOptions {
  readonly kind?: EntryKind
  readonly time?: number
  readonly body?: Uint8Array
  readonly frame?: Uint8Array
  readonly reference?: Uint8Array
}

/** An entry that follows a state. Its receipt has the right shape; stores never judge signatures. */
const entryAfter = (topic: Uint8Array, state: TopicState, options: EntryOptions = {}): Entry => {
  const { kind = 'application', time = 1_000, body = random(32), frame = null, reference = random(16) } = options
  const content = { topic, kind, epoch: state.epoch, reference, body, frame }
  return {
    epoch: state.epoch,
    reference,
    body,
    frame,
    receipt: {
      topic,
      seq: state.seq + 1,
      previous: state.head,
      entry: entryHash(content),
      kind,
      time,
      index: 1,
      size: 3,
      path: [random(32), random(32)],
      signature: random(64),
    },
  }
}

/** The state after an entry, as the planner would make it. */
const stateAfter = (state: TopicState, entry: Entry): TopicState => ({
  ...state,
  seq: entry.receipt.seq,
  head: nextHead(entry.receipt),
  time: entry.receipt.time,
  bytes: state.bytes + (entry.body?.length ?? 0) + (entry.frame?.length ?? 0),
})

/** An append of some entries to a topic, from an absent one if `expect` says so. */
export const append = (
  topic: Uint8Array,
  expect: number | 'absent',
  state: TopicState,
  options: readonly EntryOptions[] = [{}],
  rest: Partial<Pick<TopicAppend, 'keys' | 'removals' | 'blobs'>> = {},
): TopicAppend => {
  const entries: Entry[] = []
  let after = state
  for (const option of options) {
    const entry = entryAfter(topic, after, option)
    entries.push(entry)
    after = stateAfter(after, entry)
  }
  const keys = rest.keys ?? (expect === 'absent' ? [{ key: state.key, epoch: state.epoch }] : [])
  return { type: 'topic.append', topic, expect, entries, after, blobs: [], time: 1_000, ...rest, keys }
}
