import { onTestFinished } from 'vitest'
import { commands } from 'vitest/browser'
import { browserTransport, webCrypto } from '../../../src/browser.ts'
import { dexieStorage } from '../../../src/dexie.ts'
import type { Storage } from '../../../src/ports/storage.ts'
import type { RelayCommands } from './commands.ts'
import type { Host, RewindableRelay } from './host.ts'

declare module 'vitest/browser' {
  interface BrowserCommands extends RelayCommands {}
}

/** A relay beside the page: the tests' configuration runs it. */
const remote = async (kind: 'plain' | 'rewindable'): Promise<RewindableRelay> => {
  const { id, url } = await commands.startRelay(kind)
  const tell = (what: Parameters<RelayCommands['tellRelay']>[1]) => () => commands.tellRelay(id, what)
  return {
    url,
    stop: tell('stop'),
    start: tell('start'),
    keep: tell('keep'),
    rewind: tell('rewind'),
    close: tell('close'),
    [Symbol.asyncDispose]: tell('close'),
  }
}

const nameOfStore = (): string => `test-${crypto.randomUUID()}`

const opened = async (): Promise<Storage> => {
  const storage = await dexieStorage(nameOfStore())
  onTestFinished(() => storage.close())
  return storage
}

export const host: Host = {
  relay: () => remote('plain'),
  rewindableRelay: () => remote('rewindable'),
  crypto: webCrypto,
  transport: (crypto = webCrypto()) => browserTransport({ crypto }),
  storage: opened,
  place: async () => ({ store: nameOfStore() }),
}
