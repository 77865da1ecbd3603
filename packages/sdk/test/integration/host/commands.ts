import { fileURLToPath } from 'node:url'
import type { BrowserCommand } from 'vitest/node'
import type { RewindableRelay, TestRelay } from './host.ts'

type Relays = typeof import('./relays.ts')

/** What a page asks of the Node side. */
export interface RelayCommands {
  /** Starts a relay; `id` is how the page names it from then on. */
  startRelay(kind: 'plain' | 'rewindable'): Promise<{ readonly id: number; readonly url: string }>
  /** Does one of the relay's methods. */
  tellRelay(id: number, what: 'close' | 'stop' | 'start' | 'keep' | 'rewind'): Promise<void>
}

type Commands = { [K in keyof RelayCommands]: BrowserCommand<Parameters<RelayCommands[K]>> }

/** The commands of `RelayCommands`, for a vitest configuration: relays in its process, from source. */
export const relayCommands = (): Commands => {
  const running = new Map<number, TestRelay | RewindableRelay>()
  let last = 0
  return {
    startRelay: async ({ project }, kind) => {
      // The configuration itself is loaded without the condition that leads to the sources; the project's files are.
      const { rewindableRelay, testRelay } = await project.import<Relays>(
        fileURLToPath(new URL('relays.ts', import.meta.url)),
      )
      const relay = kind === 'plain' ? await testRelay() : await rewindableRelay()
      const id = ++last
      running.set(id, relay)
      return { id, url: relay.url }
    },
    tellRelay: async (_, id, what) => {
      const relay = running.get(id)
      if (relay === undefined) return
      if (what === 'close') {
        running.delete(id)
        await relay.close()
      } else if ('rewind' in relay) await relay[what]()
    },
  }
}
