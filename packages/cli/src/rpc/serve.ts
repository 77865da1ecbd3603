import type { Duplex } from 'node:stream'
import { DchatError } from '@dchat/sdk/errors'
import { readLines } from '../io/lines.ts'
import type { RequestId, RpcMessage } from './message.ts'
import {
  CANCEL,
  decodeMessage,
  encodeFailure,
  encodeNotification,
  encodeResult,
  ITEM,
  isRecord,
  LINE_LIMIT,
  MORE,
  RPC_CODES,
  WINDOW,
} from './message.ts'
import { errorToWire } from './wire-error.ts'

/** What can be asked, untyped: parameters are checked behind it. */
export interface Dispatcher {
  kind(method: string): 'call' | 'stream' | undefined
  call(method: string, params: unknown, signal: AbortSignal): Promise<unknown>
  stream(method: string, params: unknown, signal: AbortSignal): AsyncIterable<unknown>
}

/** Requests of one connection that may run at once. */
const RUNNING_LIMIT = 1024
/** Bytes that wait for a reader who does not read; beyond it the connection ends. */
const UNREAD_LIMIT = 64 * 1024 * 1024

interface Running {
  readonly abort: AbortController
  credit: number
  /** Wakes a stream that waits for credit. */
  wake: () => void
}

type Request = Extract<RpcMessage, { kind: 'request' }>

const idOf = (params: unknown): RequestId | undefined =>
  isRecord(params) && (typeof params.id === 'number' || typeof params.id === 'string') ? params.id : undefined

/**
 * Answers one connection until it ends or `signal` aborts. Whatever arrives, the answer is an error at most:
 * a bad line never ends the process, and never another connection.
 */
export const serveConnection = async (socket: Duplex, dispatcher: Dispatcher, signal: AbortSignal): Promise<void> => {
  const running = new Map<RequestId, Running>()
  const write = (text: string): void => {
    if (socket.writableLength > UNREAD_LIMIT) socket.destroy()
    else if (socket.writable) socket.write(text)
  }

  const streamItems = async (id: RequestId, items: AsyncIterable<unknown>, own: Running): Promise<void> => {
    for await (const value of items) {
      while (own.credit === 0) {
        own.abort.signal.throwIfAborted()
        await new Promise<void>((resolve) => {
          own.wake = resolve
        })
      }
      own.credit -= 1
      write(encodeNotification(ITEM, { id, value }))
    }
  }

  const answer = async ({ id, method, params }: Request, own: Running): Promise<void> => {
    try {
      if (dispatcher.kind(method) === 'stream') {
        await streamItems(id, dispatcher.stream(method, params, own.abort.signal), own)
        write(encodeResult(id, { end: true }))
      } else write(encodeResult(id, await dispatcher.call(method, params, own.abort.signal)))
    } catch (error) {
      // Whoever cancelled does not wait for an answer; the standard asks for one all the same.
      write(encodeFailure(id, errorToWire(error)))
    } finally {
      running.delete(id)
    }
  }

  const request = (message: Request): void => {
    const { id, method } = message
    const refuse = (code: number, text: string): void => write(encodeFailure(id, { code, message: text }))
    if (running.has(id)) return refuse(RPC_CODES.invalidRequest, 'this id is in use')
    if (dispatcher.kind(method) === undefined) return refuse(RPC_CODES.unknownMethod, 'there is no such method')
    if (running.size >= RUNNING_LIMIT)
      return write(encodeFailure(id, errorToWire(new DchatError('transport/rate-limited', { retryAfter: 100 }))))
    const own: Running = { abort: new AbortController(), credit: WINDOW, wake: () => {} }
    own.abort.signal.addEventListener('abort', () => own.wake(), { once: true })
    running.set(id, own)
    void answer(message, own)
  }

  const notification = (method: string, params: unknown): void => {
    const id = idOf(params)
    const own = id === undefined ? undefined : running.get(id)
    if (own === undefined) return
    if (method === CANCEL) own.abort.abort(new DchatError('usage/closed', { what: 'request' }))
    const count = isRecord(params) ? params.count : undefined
    if (method !== MORE || typeof count !== 'number' || !(count > 0)) return
    own.credit = Math.min(WINDOW, own.credit + Math.floor(count))
    own.wake()
  }

  const handle = (message: RpcMessage): void => {
    if (message.kind === 'request') request(message)
    else if (message.kind === 'notification') notification(message.method, message.params)
    else if (message.kind === 'invalid')
      write(encodeFailure(message.id, { code: message.code, message: message.reason }))
  }

  const end = (): void => void socket.destroy()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    // The last answers still have to leave when the other side has said its last.
    const received = socket.iterator({ destroyOnReturn: false })
    for await (const { text } of readLines(received, LINE_LIMIT)) if (text !== '') handle(decodeMessage(text))
  } catch {
    // A connection that broke: its requests end below, and the other side knows.
  } finally {
    signal.removeEventListener('abort', end)
    for (const { abort } of running.values()) abort.abort(new DchatError('usage/closed', { what: 'connection' }))
    // Not `destroy`: what was answered last still leaves.
    socket.end()
  }
}
