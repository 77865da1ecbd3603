/** The part of the WHATWG WebSocket API that a link uses; browsers' global class and the `ws` package both have it. */
export interface WebSocketLike {
  binaryType: string
  readonly bufferedAmount: number
  send(data: Uint8Array): void
  close(code?: number, reason?: string): void
  /** `ws` only: cuts the connection without a closing handshake. */
  terminate?(): void
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void
  /** Node's classes say what failed, browsers do not. */
  addEventListener(type: 'error', listener: (event: object) => void): void
}

export type WebSocketClass = new (url: string) => WebSocketLike

export interface SocketEvents {
  opened(): void
  /** Undefined for a text message. */
  message(bytes: Uint8Array | undefined): void
  /** Once, with the reason in words; never after `close` or `cut`. */
  lost(reason: string): void
}

export interface Socket {
  /** Bytes that were sent and have not left yet. */
  readonly buffered: number
  send(bytes: Uint8Array): void
  /** Starts the closing handshake; resolves when it is over. */
  close(code: number): Promise<void>
  /** Ends at once, for a peer that may not be there any more. */
  cut(code: number): void
}

const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNRESET: 'it broke the connection',
  ETIMEDOUT: 'it does not answer',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'it sent a frame that is too large',
}

const failureOf = (event: { readonly error?: { readonly code?: unknown } | null }): string => {
  const code = event.error?.code
  return (typeof code === 'string' && FAILURES[code]) || 'the connection failed'
}

const closeReason = (code: unknown): string => {
  if (code === 1009) return 'it was sent a frame that is too large'
  if (code === 1001 || code === 1012) return 'it is restarting'
  if (code === 1008) return 'it refused the connection'
  return code === 1000 ? 'it closed the connection' : 'the connection broke'
}

/** Opens a socket. Events come from later turns only. Throws what the class throws for a bad URL. */
export const openSocket = (WebSocket: WebSocketClass, url: string, events: SocketEvents): Socket => {
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  let over = false
  let failure: string | undefined
  let ended: () => void = () => undefined
  const end = new Promise<void>((resolve) => (ended = resolve))
  const lose = (reason: string) => {
    ended()
    if (over) return
    over = true
    events.lost(failure ?? reason)
  }
  socket.addEventListener('open', () => {
    if (!over) events.opened()
  })
  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    if (!over) events.message(data instanceof ArrayBuffer ? new Uint8Array(data) : undefined)
  })
  // A close event always follows; only the error knows why.
  socket.addEventListener('error', (event: { error?: { code?: unknown } }) => (failure ??= failureOf(event)))
  socket.addEventListener('close', ({ code }: { code?: unknown }) => lose(closeReason(code)))
  const close = (code: number) => {
    over = true
    try {
      socket.close(code)
    } catch {
      // Some implementations refuse codes other than 1000; the peer is told less, the socket closes all the same.
      socket.close()
    }
    return end
  }
  return {
    get buffered() {
      return socket.bufferedAmount
    },
    send: (bytes) => {
      if (!over) socket.send(bytes)
    },
    close,
    cut: (code) => {
      void close(code)
      socket.terminate?.()
    },
  }
}
