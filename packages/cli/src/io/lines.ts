export interface Line {
  /** From 1. */
  readonly number: number
  /** Undefined for a line that was longer than the limit or was not UTF-8. */
  readonly text: string | undefined
}

const NEWLINE = 10

/** Cuts a byte stream into lines of at most `limit` bytes; a longer one is skipped up to its end and named as such. */
const lineCutter = (limit: number): { push(chunk: Uint8Array): Line[]; end(): Line[] } => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let parts: Uint8Array[] = []
  let size = 0
  let number = 0
  const take = (part: Uint8Array): void => {
    size += part.length
    if (size <= limit) parts.push(part)
    else parts = []
  }
  const finish = (): Line => {
    number += 1
    const bytes = size > limit ? undefined : Buffer.concat(parts)
    parts = []
    size = 0
    if (bytes === undefined) return { number, text: undefined }
    try {
      return { number, text: decoder.decode(bytes) }
    } catch {
      return { number, text: undefined }
    }
  }
  return {
    push: (chunk) => {
      const lines: Line[] = []
      let start = 0
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
        take(chunk.subarray(start, at))
        lines.push(finish())
        start = at + 1
      }
      if (start < chunk.length) take(chunk.subarray(start))
      return lines
    },
    end: () => (size > 0 ? [finish()] : []),
  }
}

/** The lines of a stream, read only as fast as they are taken. */
export async function* readLines(input: AsyncIterable<Uint8Array | string>, limit: number): AsyncGenerator<Line> {
  const cutter = lineCutter(limit)
  for await (const chunk of input) yield* cutter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  yield* cutter.end()
}
