import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { DchatError } from '@dchat/sdk/errors'
import type { FailureView } from '../io/failure.ts'
import { failureView, toFailure } from '../io/failure.ts'
import type { Line } from '../io/lines.ts'
import { readLines } from '../io/lines.ts'
import type { MessageView, SendParams } from '../methods/types.ts'
import { INPUT_LIMIT, parseLine } from './parse-line.ts'
import { pipeline } from './pipeline.ts'

/** Lines that were taken in and not answered yet, at most. */
export const LINES_IN_FLIGHT = 256

/** What one line came to; the fields of a `result` line. */
export interface LineResult {
  readonly line: number
  readonly ok: boolean
  readonly client_id?: string
  readonly id?: string
  readonly chat?: string
  readonly state?: string
  readonly error?: FailureView
}

export interface SendLinesOptions {
  readonly input: Readable
  readonly chat: string | undefined
  readonly send: (params: SendParams) => Promise<MessageView>
  readonly write: (result: LineResult) => Promise<void>
  /** Ends the work: its reason is thrown. */
  readonly signal: AbortSignal
}

async function* withoutBlankLines(lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  for await (const line of lines) if (line.text === undefined || line.text.trim() !== '') yield line
}

/** Sends one message a line and writes one result a line, in file order. Throws `usage/partial` if some failed. */
export const sendLines = async ({ input, chat, send, write, signal }: SendLinesOptions): Promise<void> => {
  let total = 0
  let failed = 0

  const start = async ({ number, text }: Line): Promise<LineResult> => {
    let clientId: string | undefined
    try {
      const params = parseLine(text, chat)
      clientId = params.clientId
      // A line without an id of its own gets one, so that it can be asked again of the next owner of the store.
      const sent = await send({ ...params, clientId: clientId ?? randomUUID() })
      const named = clientId === undefined ? {} : { client_id: clientId }
      return { line: number, ok: true, ...named, id: sent.id, chat: sent.chat, state: sent.state }
    } catch (error) {
      const named = clientId === undefined ? {} : { client_id: clientId }
      return { line: number, ok: false, ...named, error: failureView(toFailure(error)) }
    }
  }

  await pipeline<Line, LineResult>({
    input: withoutBlankLines(readLines(input, INPUT_LIMIT)),
    start,
    write: async (result) => {
      // Whatever ends because the program was told to stop is not a result: the same input continues it.
      signal.throwIfAborted()
      total += 1
      if (!result.ok) failed += 1
      await write(result)
    },
    window: LINES_IN_FLIGHT,
  })
  if (failed > 0) throw new DchatError('usage/partial', { failed, total })
}
