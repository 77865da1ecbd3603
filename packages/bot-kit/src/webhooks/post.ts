import { Agent, request } from 'undici'
import { checkTarget, guardedLookup, type Resolve } from './target.ts'

/** Bytes of an answer that are read. */
export const ANSWER_LIMIT = 65_536

export interface Posted {
  readonly status: number
  header(name: string): string | undefined
  /** Absent where it was longer than `ANSWER_LIMIT`. */
  readonly body?: Uint8Array
}

export interface PosterOptions {
  /** Hosts with ports that may be private, and without TLS: `127.0.0.1:3000`. */
  readonly allowPrivateTargets?: readonly string[]
  /** For tests. */
  readonly resolve?: Resolve
}

export interface Poster {
  /** Follows no redirect. Rejects with `webhook/forbidden-target`, the signal's reason, and what the network says. */
  post(
    url: string,
    options: { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array; signal: AbortSignal },
  ): Promise<Posted>
  close(): Promise<void>
}

const readUpTo = async (body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | undefined> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    // Leaving the loop closes the connection.
    if (size > limit) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Sends POST requests to public addresses and to what the operator allows by name. */
export const createPoster = ({ allowPrivateTargets = [], resolve }: PosterOptions = {}): Poster => {
  const limits = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 16_384, connections: 40 }
  const guarded = new Agent({ ...limits, connect: { lookup: guardedLookup(resolve) } })
  const plain = new Agent(limits)
  return {
    post: async (address, { headers, body, signal }) => {
      const { url, trusted } = checkTarget(address, allowPrivateTargets)
      const answer = await request(url, {
        method: 'POST',
        headers,
        body,
        signal,
        dispatcher: trusted ? plain : guarded,
      })
      const read = await readUpTo(answer.body, ANSWER_LIMIT)
      return {
        status: answer.statusCode,
        header: (name) => {
          const found = answer.headers[name]
          return Array.isArray(found) ? found[0] : found
        },
        ...(read && { body: read }),
      }
    },
    close: async () => {
      await Promise.all([guarded.destroy(), plain.destroy()])
    },
  }
}
