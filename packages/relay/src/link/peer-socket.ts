/** What a connection needs of its socket; `ws` has it, and so has a simulated one. Messages arrive as one piece of bytes. */
export interface PeerSocket {
  readonly readyState: number
  readonly OPEN: number
  readonly CLOSED: number
  /** Bytes that were sent and wait for the peer. */
  readonly bufferedAmount: number
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'close', listener: () => void): unknown
  once(event: 'close', listener: () => void): unknown
  send(data: Uint8Array, sent: () => void): void
  /** What lies below it, if that can hold back what is sent and then write it at once. */
  readonly stream?: { cork(): void; uncork(): void }
  close(code?: number): void
  terminate(): void
  pause(): void
  resume(): void
}
