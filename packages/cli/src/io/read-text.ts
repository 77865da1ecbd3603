import type { Readable } from 'node:stream'
import { DchatError } from '@dchat/sdk/errors'

/** Bytes; no relay takes a larger message. */
const TEXT_LIMIT = 1024 * 1024

/** All of a stream as one text, without the newline that `echo` and editors put at its end. */
export const readText = async (input: Readable): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input) {
    const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    size += bytes.length
    if (size > TEXT_LIMIT)
      throw new DchatError('protocol/too-large', { what: 'text on stdin', size, limit: TEXT_LIMIT })
    chunks.push(bytes)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new DchatError('usage/invalid-argument', { name: 'text', reason: 'stdin is not UTF-8' }, { cause })
  }
}
