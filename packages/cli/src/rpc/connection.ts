import type { Duplex } from 'node:stream'
import { DchatError } from '@dchat/sdk/errors'
import { readLines } from '../io/lines.ts'
import type { CallOptions, Service } from '../methods/types.ts'
import type { RpcMessage } from './message.ts'
import {
  CANCEL,
  decodeMessage,
  encodeNotification,
  encodeRequest,
  ITEM,
  isRecord,
  LINE_LIMIT,
  MORE,
  WINDOW,
} from './message.ts'
import { errorFromWire } from './wire-error.ts'

/** The process that owns the store ended, or closed the connection. Every method may be asked again of the next owner. */
export class OwnerGone extends Error {
  override readonly name = 'OwnerGone'

  constructor() {
    super('the owner of the store went away')
  }
}

/** A request that was not answered yet. */
interface Pending {
  item(value: unknown): void
  done(result: unknown): void
  fail(error: unknown): void
}

export interface Connection extends Service {
  /** A request outside the method table: the greeting. */
  ask(method: string, params: unknown, options?: CallOptions): Promise<unknown>
  close(): void
}

export const openConnection = (socket: Duplex): Connection => {
  const pending = new Map<number, Pending>()
  let nextId = 0
  let open = true

  const write = (text: string): void => {
    if (open) socket.write(text)
  }
  const close = (): void => {
    open = false
    socket.destroy()
    const waiting = [...pending.values()]
    pending.clear()
    for (const { fail } of waiting) fail(new OwnerGone())
  }

  const handle = (message: RpcMessage): void => {
    if (message.kind === 'notification' && message.method === ITEM && isRecord(message.params)) {
      const { id, value } = message.params
      if (typeof id === 'number') pending.get(id)?.item(value)
    }
    if (message.kind !== 'result' && message.kind !== 'failure') return
    const { id } = message
    const request = typeof id === 'number' ? pending.get(id) : undefined
    if (request === undefined || typeof id !== 'number') return
    pending.delete(id)
    if (message.kind === 'result') request.done(message.result)
    else request.fail(errorFromWire(message.error))
  }

  const receive = async (): Promise<void> => {
    try {
      for await (const { text } of readLines(socket, LINE_LIMIT * 2)) handle(decodeMessage(text))
    } catch {
      // The same as an orderly end: whoever waits is told below.
    } finally {
      close()
    }
  }
  void receive()

  /** Registers before it writes, so that no answer can be missed; cancels at the owner when the signal aborts. */
  const start = (method: string, params: unknown, request: Pending, signal: AbortSignal | undefined): (() => void) => {
    if (!open) throw new OwnerGone()
    nextId += 1
    const id = nextId
    const line = encodeRequest(id, method, params)
    // The owner would skip a longer line, and nobody would ever answer.
    const size = Buffer.byteLength(line)
    if (size > LINE_LIMIT) throw new DchatError('protocol/too-large', { what: 'request', size, limit: LINE_LIMIT })
    const abort = (): void => {
      if (!pending.delete(id)) return
      write(encodeNotification(CANCEL, { id }))
      request.fail(signal?.reason)
    }
    pending.set(id, request)
    signal?.addEventListener('abort', abort, { once: true })
    write(line)
    return () => {
      signal?.removeEventListener('abort', abort)
      if (pending.delete(id)) write(encodeNotification(CANCEL, { id }))
    }
  }

  const ask = async (method: string, params: unknown, { signal }: CallOptions = {}): Promise<unknown> => {
    signal?.throwIfAborted()
    let release = (): void => {}
    try {
      return await new Promise((done, fail) => {
        release = start(method, params, { item: () => {}, done, fail }, signal)
      })
    } finally {
      release()
    }
  }

  async function* items(method: string, params: unknown, { signal }: CallOptions = {}): AsyncGenerator<unknown> {
    signal?.throwIfAborted()
    const queue: unknown[] = []
    let outcome: { readonly error?: unknown } | undefined
    let wake = (): void => {}
    const finish = (value: { readonly error?: unknown }): void => {
      outcome = value
      wake()
    }
    const release = start(
      method,
      params,
      {
        item: (value) => {
          queue.push(value)
          wake()
        },
        done: () => finish({}),
        fail: (error) => finish({ error }),
      },
      signal,
    )
    // `start` hands out ids in order; this stream's is the newest.
    const id = nextId
    try {
      for (let taken = 1; ; ) {
        while (queue.length > 0) {
          yield queue.shift()
          if (taken++ % (WINDOW / 2) === 0) write(encodeNotification(MORE, { id, count: WINDOW / 2 }))
        }
        if (outcome !== undefined) {
          if ('error' in outcome) throw outcome.error
          return
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      release()
    }
  }

  return {
    ask,
    close,
    // Both ends are typed by one table; the owner checks parameters, and its answers come from the same program.
    call: (method, params, options) => ask(method, params, options) as ReturnType<Service['call']> as never,
    stream: (method, params, options) => items(method, params, options) as AsyncIterable<unknown> as never,
  }
}
