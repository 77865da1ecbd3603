/** JSON-RPC 2.0, one message a line (jsonrpc.org/specification). */

export type RequestId = number | string

export type RpcMessage =
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: unknown }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: RequestId | null; readonly error: RpcError }
  | { readonly kind: 'invalid'; readonly id: RequestId | null; readonly code: number; readonly reason: string }

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** Error numbers of the standard; `failed` is ours: `data` holds the error of our table. */
export const RPC_CODES = {
  parse: -32700,
  invalidRequest: -32600,
  unknownMethod: -32601,
  failed: -32000,
} as const

/** Of our own: one element of a stream, more room for elements, and the wish to stop. */
export const ITEM = 'item'
export const MORE = 'more'
export const CANCEL = 'cancel'

/** Bytes of one line. */
export const LINE_LIMIT = 4 * 1024 * 1024
/** Elements of a stream that may be under way before the reader asks for more. */
export const WINDOW = 64

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isId = (value: unknown): value is RequestId =>
  typeof value === 'string' ? value.length <= 128 : Number.isSafeInteger(value)

const failureOf = (value: unknown): RpcError | undefined =>
  isRecord(value) && typeof value.code === 'number' && typeof value.message === 'string'
    ? { code: value.code, message: value.message, data: value.data }
    : undefined

/** Never throws: what is no message comes back as `invalid`, with the id if there was one. */
export const decodeMessage = (line: string | undefined): RpcMessage => {
  let value: unknown
  try {
    value = JSON.parse(line ?? '')
  } catch {
    return { kind: 'invalid', id: null, code: RPC_CODES.parse, reason: 'this is not JSON' }
  }
  if (!isRecord(value))
    return { kind: 'invalid', id: null, code: RPC_CODES.invalidRequest, reason: 'a message is an object' }
  const id = isId(value.id) ? value.id : null
  const invalid = (reason: string): RpcMessage => ({ kind: 'invalid', id, code: RPC_CODES.invalidRequest, reason })
  if (value.jsonrpc !== '2.0') return invalid('"jsonrpc" is not "2.0"')
  if (value.id !== undefined && value.id !== null && id === null) return invalid('"id" is not a number or short text')
  if (typeof value.method === 'string') {
    const { method, params = {} } = value
    return id === null ? { kind: 'notification', method, params } : { kind: 'request', id, method, params }
  }
  const error = failureOf(value.error)
  if (error !== undefined) return { kind: 'failure', id, error }
  if ('result' in value && id !== null) return { kind: 'result', id, result: value.result }
  return invalid('it is neither a request nor an answer')
}

export const encodeRequest = (id: RequestId, method: string, params: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`

export const encodeNotification = (method: string, params: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`

export const encodeResult = (id: RequestId, result: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null })}\n`

export const encodeFailure = (id: RequestId | null, error: RpcError): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`
