/**
 * The frames of the relay link: one CBOR array per WebSocket message, its first element the type
 * (docs/protocol/link.md). `encodeFrame` and `decodeFrame` stand in `frame-codec.ts`.
 */
export const WIRE_VERSIONS = [1] as const

/** Bytes; the WebSocket closes on a larger message. */
export const FRAME_LIMIT = 1024 * 1024

export const FRAME_TYPES = {
  hello: 0,
  welcome: 1,
  request: 2,
  result: 3,
  error: 4,
  subscribe: 5,
  item: 6,
  credit: 7,
  unsubscribe: 8,
  end: 9,
  ping: 10,
  pong: 11,
  goodbye: 12,
  cancel: 13,
} as const

export type Frame =
  /** First frame of a client. */
  | { readonly type: 'hello'; readonly versions: readonly number[]; readonly agent: string; readonly nonce: Uint8Array }
  /** The relay's answer. `signature`: relay key over (nonce, challenge), so that the key is known to be present. */
  | {
      readonly type: 'welcome'
      readonly version: number
      readonly relayKey: Uint8Array
      readonly challenge: Uint8Array
      readonly signature: Uint8Array
      readonly time: number
      /** ms without any frame after which either side pings; after twice that it closes. */
      readonly heartbeat: number
      /** Items that a subscription may have in flight. */
      readonly window: number
    }
  | { readonly type: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly code: string; readonly details: unknown }
  | {
      readonly type: 'subscribe'
      readonly id: number
      readonly name: string
      readonly params: unknown
      readonly credit: number
    }
  | { readonly type: 'item'; readonly id: number; readonly item: unknown }
  | { readonly type: 'credit'; readonly id: number; readonly credit: number }
  | { readonly type: 'unsubscribe'; readonly id: number }
  /** The end of a subscription by the relay; `code` is absent at an orderly end. */
  | { readonly type: 'end'; readonly id: number; readonly code?: string; readonly details?: unknown }
  | { readonly type: 'ping'; readonly nonce: number }
  | { readonly type: 'pong'; readonly nonce: number }
  /** The relay will close; come back after `retryAfter` ms. */
  | { readonly type: 'goodbye'; readonly reason: string; readonly retryAfter: number }
  | { readonly type: 'cancel'; readonly id: number }
