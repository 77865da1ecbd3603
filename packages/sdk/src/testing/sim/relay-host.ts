import type { Clock } from '../../ports/clock.ts'

/** The relay's end of a simulated link, in the shape of a `ws` socket. */
export interface ServerSocket {
  readonly readyState: number
  readonly OPEN: number
  readonly CLOSED: number
  /** Bytes that were sent and wait for the peer. */
  readonly bufferedAmount: number
  on(event: 'message', listener: (data: Uint8Array, isBinary: boolean) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'close', listener: () => void): unknown
  once(event: 'close', listener: () => void): unknown
  send(data: Uint8Array, sent: () => void): void
  close(code?: number): void
  terminate(): void
  pause(): void
  resume(): void
}

/** What one run of a relay gets from the simulation. Once it is killed, nothing of this settles any more. */
export interface SimRelayHost {
  readonly name: string
  readonly clock: Clock
  readonly random: (length: number) => Uint8Array
  /** Lets everything else that is due at this moment go first. */
  turn(): Promise<void>
  /** What outlives crashes; made at the first call. */
  disk<T>(make: () => T): T
  /** A durable write: takes its time, then applies. A kill meanwhile leaves all or nothing of it, by the seed. */
  write<T>(apply: () => T | Promise<T>): Promise<T>
}

/** A running relay. */
export interface SimRelayProcess {
  /** False: the connection is refused. `address` names the peer in limits. */
  accept(socket: ServerSocket, address: string): boolean
  /** Ends it in good order. */
  close(): Promise<void>
}

export type SimRelayFactory = (host: SimRelayHost) => Promise<SimRelayProcess>
