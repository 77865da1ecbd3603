import type { WebSocketClass } from '../../src/adapters/transport/socket.ts'

/** A socket without a network: the test plays the peer. */
export class FakeSocket {
  static instances: FakeSocket[] = []
  binaryType = 'blob'
  bufferedAmount = 0
  readonly sent: Uint8Array[] = []
  closed = false
  readonly #listeners = new Map<string, ((event: object) => void)[]>()

  constructor() {
    FakeSocket.instances.push(this)
  }

  send(data: Uint8Array): void {
    this.sent.push(data)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    queueMicrotask(() => this.emit('close', { code: 1000 }))
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener as (event: object) => void])
  }

  emit(type: string, event: object = {}): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event)
  }

  receive(bytes: Uint8Array): void {
    this.emit('message', { data: bytes.slice().buffer })
  }
}

export const fakeSockets = (): { WebSocket: WebSocketClass; last: () => FakeSocket } => {
  FakeSocket.instances = []
  return {
    WebSocket: FakeSocket as unknown as WebSocketClass,
    last: () => FakeSocket.instances[FakeSocket.instances.length - 1] as FakeSocket,
  }
}
