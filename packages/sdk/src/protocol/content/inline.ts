import type { MessageId } from '../../records/ids.ts'
import type { InlineAnswer, InlineResult } from '../../records/inline.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { array, int, literal, nullable, type Schema, text, tuple } from '../wire/schema.ts'
import { type ContentFrame, encoded, single } from './compose.ts'
import { QUERY_MEDIA_TYPE, RESULTS_MEDIA_TYPE } from './media-type.ts'
import { DISPOSITIONS } from './mimi.ts'

/** Characters (UTF-16). */
const QUERY_LIMIT = 256
const RESULTS = 50
const DAY = 86_400
const SIZE = 64 * 1_024

const parseQuery = tuple(text(QUERY_LIMIT))
const parseResults = tuple(
  int(0, DAY),
  array(tuple(text(64, 1), text(100, 1), nullable(text(200)), literal(0, 1), text(4_096, 1)), 0, RESULTS),
)

/** Asks a bot. */
export const composeQuery = (words: string, frame: ContentFrame): Uint8Array =>
  encoded(frame, single(QUERY_MEDIA_TYPE, encodeCbor([words]), DISPOSITIONS.unspecified))

/** Answers a query. */
export const composeResults = (query: MessageId, answer: InlineAnswer, frame: ContentFrame): Uint8Array =>
  encoded(frame, single(RESULTS_MEDIA_TYPE, encodeResults(answer), DISPOSITIONS.unspecified), { inReplyTo: query })

const encodeResults = ({ results, cacheSeconds }: InlineAnswer): Uint8Array =>
  encodeCbor([
    cacheSeconds,
    results.map(({ id, title, description, text: words, format }) => [
      id,
      title,
      description ?? null,
      format === 'markdown' ? 1 : 0,
      words,
    ]),
  ])

const read = <T>(bytes: Uint8Array, what: string, schema: Schema<T>): T =>
  schema(decodeCbor(bytes, what, { size: SIZE, depth: 3 }), what)

/** The words. Throws `protocol/malformed` or `protocol/too-large`. */
export const decodeQuery = (bytes: Uint8Array): string => read(bytes, 'query', parseQuery)[0]

/** Throws `protocol/malformed` or `protocol/too-large`. */
export const decodeResults = (bytes: Uint8Array): InlineAnswer => {
  const [cacheSeconds, results] = read(bytes, 'results', parseResults)
  return {
    cacheSeconds,
    results: results.map(
      ([id, title, description, format, words]): InlineResult => ({
        id,
        title,
        ...(description === null ? {} : { description }),
        text: words,
        format: format === 1 ? 'markdown' : 'text',
      }),
    ),
  }
}

/** Whether an own query or answer is one that others take. Throws as the decoders do. */
export const checkInline = (what: string | InlineAnswer): void => {
  if (typeof what === 'string') decodeQuery(encodeCbor([what]))
  else decodeResults(encodeResults(what))
}
