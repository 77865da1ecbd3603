/** What a request brings, within bounds, and what it gets back. */

/** Bytes of a request's body. */
const BODY_LIMIT = 65_536

/** An answer instead of the work that was asked for. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason)
  }
}

export const json = (status: number, content: object, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(`${JSON.stringify(content)}\n`, {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })

/** `after`: ms. */
export const tooMany = (after: number): Refusal => {
  const seconds = Math.max(1, Math.ceil(after / 1000))
  return new Refusal(429, `too many messages; again after ${seconds} s`, { 'retry-after': `${seconds}` })
}

/** Throws a `Refusal` for a body that is too long. */
export const bodyOf = async (request: Request): Promise<string> => {
  const long = new Refusal(413, `at most ${BODY_LIMIT} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > BODY_LIMIT) throw long
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > BODY_LIMIT) throw long
    parts.push(part)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch {
    throw new Refusal(400, 'the body is not UTF-8')
  }
}

/** Throws a `Refusal` for what is not JSON. */
export const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    throw new Refusal(400, 'the body is not JSON')
  }
}
