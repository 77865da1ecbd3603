import { isUnsent, unsentPlace } from '../../domain/messages/place.ts'
import type { ConversationId } from '../../records/ids.ts'

/** Places of a conversation that one segment of the search index covers. */
const SPAN = 256
const UNSENT = unsentPlace(0) / SPAN

/** The segment that a place belongs to. Everything that is not sent yet shares one. */
export const bucketOf = (place: number): number => (isUnsent(place) ? UNSENT : Math.floor(place / SPAN))

/** The places of a bucket: from the first to before the second. */
export const placesOf = (bucket: number): readonly [number, number] => [
  bucket * SPAN,
  bucket === UNSENT ? Number.MAX_SAFE_INTEGER : (bucket + 1) * SPAN,
]

export const UNSENT_BUCKET = UNSENT

/** Key of a segment's row. */
export const segmentKey = (conversation: ConversationId, bucket: number): string => `${conversation}/${bucket}`

/** What a key names; undefined for another row of the table. */
export const segmentOf = (
  key: string,
): { readonly conversation: ConversationId; readonly bucket: number } | undefined => {
  const [conversation, bucket, more] = key.split('/')
  return bucket === undefined || more !== undefined
    ? undefined
    : { conversation: conversation as ConversationId, bucket: Number(bucket) }
}
