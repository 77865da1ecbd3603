import type { ClientOptions } from '../../../src/client/client-options.ts'
import type { Crypto } from '../../../src/ports/crypto.ts'
import type { Storage } from '../../../src/ports/storage.ts'
import type { Transport } from '../../../src/ports/transport.ts'

/** A relay on loopback: always the real one, always in Node. */
export interface TestRelay {
  readonly url: string
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A relay that can be stopped, started at the same place, and made to forget. */
export interface RewindableRelay extends TestRelay {
  stop(): Promise<void>
  /** Starts it again with what it held. */
  start(): Promise<void>
  /** Keeps a copy of what it holds; it must be stopped. */
  keep(): Promise<void>
  /** Puts that copy back; it must be stopped. */
  rewind(): Promise<void>
}

/** The part of `createClient`'s options that says where things are kept. */
export type Place = Pick<ClientOptions, 'store' | 'storage' | 'storeKey'>

/**
 * Where the integration tests run. `#host` leads to Node's or to Chromium's (vitest.config.ts,
 * vitest.browser.config.ts), so that the same files run in both.
 */
export interface Host {
  relay(): Promise<TestRelay>
  rewindableRelay(): Promise<RewindableRelay>
  crypto(): Crypto
  transport(crypto?: Crypto): Transport
  /** A new, empty storage, for clients that are put together by hand. */
  storage(): Promise<Storage>
  /** Where `createClient` makes a new store, and finds it again. */
  place(): Promise<Place>
}
