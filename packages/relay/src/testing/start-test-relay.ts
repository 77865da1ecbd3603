import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DchatError } from '@dchat/sdk/wire'
import type { Invitations } from '../invitations.ts'
import { createRelay, type Relay, type RelayOptions } from '../relay.ts'
import { type MemoryData, memoryData, memoryStore } from '../store/memory.ts'
import { sqliteStore } from '../store/sqlite.ts'

export interface TestRelayOptions extends Omit<RelayOptions, 'store' | 'host'> {
  /** `memory` (default), `sqlite` in a directory that goes away with `close`, or a directory that stays. */
  readonly store?: 'memory' | 'sqlite' | { readonly directory: string }
}

/** A relay on loopback that can be stopped and started again with what it held, on the same port. */
export interface TestRelay {
  readonly url: string
  readonly relayKey: Uint8Array
  /** Where the database is; undefined for memory. */
  readonly directory: string | undefined
  /** Of the relay that runs now: a relay that takes people by invitation, `policy`, admits by them. */
  readonly invitations: Invitations
  /** Ends the relay; its content stays. */
  stop(): Promise<void>
  /** Starts it again after `stop`. */
  start(): Promise<void>
  /** Ends it for good and removes what it made. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export const startTestRelay = async ({ store = 'memory', ...options }: TestRelayOptions = {}): Promise<TestRelay> => {
  const data: MemoryData | undefined = store === 'memory' ? memoryData() : undefined
  const temporary = store === 'sqlite' ? await mkdtemp(join(tmpdir(), 'dchat-test-relay-')) : undefined
  const directory = typeof store === 'object' ? store.directory : temporary
  let port = options.port ?? 0
  const run = (): Promise<Relay> =>
    createRelay({
      drainPatience: 1_000,
      returnSpread: 50,
      ...options,
      host: '127.0.0.1',
      port,
      store: directory === undefined ? memoryStore(data) : sqliteStore(directory),
    })
  let running: Relay | undefined = await run()
  const { url, relayKey } = running
  port = Number(new URL(url).port)
  const stop = async (): Promise<void> => {
    const relay = running
    running = undefined
    await relay?.close()
  }
  const close = async (): Promise<void> => {
    await stop()
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
  }
  return {
    url,
    relayKey,
    directory,
    get invitations() {
      if (running === undefined) throw new DchatError('usage/closed', { what: 'relay' })
      return running.invitations
    },
    stop,
    close,
    start: async () => {
      running ??= await run()
    },
    [Symbol.asyncDispose]: close,
  }
}
