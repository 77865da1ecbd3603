import type { CommitFrame, Params, Receipt } from '@dchat/sdk/wire'
import { ZERO_HEAD } from '@dchat/sdk/wire'
import type { TopicState } from '../store/store.ts'

/** A topic before its first entry. */
export const emptyTopic = ({
  key,
  epoch,
}: Pick<NonNullable<Params<'topic.publish'>['create']>, 'key' | 'epoch'>): TopicState => ({
  seq: 0,
  head: ZERO_HEAD,
  epoch,
  time: 0,
  key,
  previousKey: null,
  removed: false,
  commitKey: null,
  bytes: 0,
})

/** A topic after one more entry of a size in bytes; `frame` is that of a commit, which begins the next epoch. */
export const afterEntry = (
  state: TopicState,
  { seq, time }: Pick<Receipt, 'seq' | 'time'>,
  head: Uint8Array,
  size: number,
  frame: CommitFrame | undefined,
): TopicState => {
  const next = { ...state, seq, head, time, bytes: state.bytes + size }
  if (frame === undefined) return next
  const { nextKey: key, removes: removed, commitKey = state.commitKey } = frame
  return { ...next, epoch: state.epoch + 1, previousKey: state.key, key, removed, commitKey }
}

export const sizeOf = ({ body, frame }: { body: Uint8Array | null; frame?: Uint8Array | null | undefined }): number =>
  (body?.length ?? 0) + (frame?.length ?? 0)
