import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type * as Built from './built-entry.ts'
import { playHistory, type Tally } from './history.ts'
import { passiveClients } from './passive-client.ts'

const dist = new URL('../../dist/', import.meta.url)
const entry = new URL('internal/mls.js', dist)
const built = existsSync(entry)

const load = async () => (await import(/* @vite-ignore */ fileURLToPath(entry))) as typeof Built

/** All files that an entry loads, directly or through its chunks. */
const reach = (name: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(name)) return seen
  seen.add(name)
  const source = readFileSync(new URL(name, dist), 'utf8')
  for (const [, chunk] of source.matchAll(/(?:from|import)\s*\(?"(?:\.\/|\.\.\/)([\w.-]+\.js)"/g))
    reach(chunk as string, seen)
  return seen
}

describe.skipIf(!built)(
  built ? 'the built files' : 'the built files (not tried: the SDK is not built)',
  {
    timeout: 600_000,
  },
  () => {
    test('contain the repaired library and import no other copy', () => {
      const files = readdirSync(dist).filter((file) => file.endsWith('.js'))
      const sources = files.map((file) => readFileSync(new URL(file, dist), 'utf8'))
      expect(sources.some((source) => source.includes('Derived path key differs from the published one'))).toBe(true)
      for (const source of sources) expect(source).not.toMatch(/from\s*"ts-mls|import\("ts-mls/)
    })

    test('are the ones that the public entry loads', () => {
      const shipped = reach('index.js')
      const tried = [...reach('internal/mls.js')].filter((file) => file.startsWith('chunk-'))
      const withLibrary = tried.filter((file) =>
        readFileSync(new URL(file, dist), 'utf8').includes('Derived path key differs'),
      )
      expect(withLibrary.length).toBe(1)
      expect(shipped).toContain(withLibrary[0])
    })

    test('join by the official Welcomes', async () => {
      const { joinGroup, makePskIndex } = await load()
      expect(await passiveClients(joinGroup, makePskIndex)).toBe(32)
    })

    test('play random histories', async () => {
      const { createGroupEngine, nodeMlsPrimitives, innerOf } = await load()
      const tally: Tally = { commits: 0, joined: 0, removed: 0, external: 0, restored: 0, late: 0 }
      const kit = { engine: createGroupEngine({ crypto: nodeMlsPrimitives() }), innerOf }
      for (const seed of [1, 2, 3, 4, 5, 6])
        await playHistory(seed, { suite: 'group-x25519-aes128', steps: 14, limit: 9 }, tally, kit)
      expect(tally.joined).toBeGreaterThan(10)
      expect(tally.removed).toBeGreaterThan(5)
    })
  },
)
