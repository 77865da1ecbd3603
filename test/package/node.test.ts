import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createProject, type Project } from '../lib/packed.ts'
import { root } from '../lib/tree.ts'

const packed = inject('packed')
const HEAVY = ['libsql', 'ws', 'dexie', 'hash-wasm', 'vitest'] as const

let project: Project
beforeAll(() => {
  project = createProject(packed)
})
afterAll(() => project.remove())

/** Runs a program in the empty project and tells which of the heavy packages Node loaded for it. */
const heavyIn = (code: string): readonly string[] => {
  const watcher = pathToFileURL(join(root, 'test/package/fixtures/modules.mjs')).href
  const args = ['--import', watcher, project.write('program.mjs', code)]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project.folder, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  expect(stdout).toBe('done\n')
  const modules = stderr.split('\n').flatMap((line) => /^loaded (.+)$/.exec(line)?.[1] ?? [])
  expect(modules.length).toBeGreaterThan(3)
  return HEAVY.filter((name) => modules.some((url) => url.includes(`/node_modules/${name}/`)))
}

const client = (options: string): string => `
  import { createClient, createIdentity } from '@dchat/sdk'
  const client = await createClient({ identity: createIdentity(), relays: ['ws://127.0.0.1:1'], ${options} })
  await client.close()
  console.log('done')`

describe('an empty project in Node', () => {
  test('loads neither a database nor a socket by importing the SDK', () => {
    expect(heavyIn(`import '@dchat/sdk'; console.log('done')`)).toEqual([])
  })

  test('loads no database by importing the parts of Node', () => {
    expect(heavyIn(`import '@dchat/sdk/node'; console.log('done')`)).toEqual(['ws'])
  })

  test('loads no database for a client in memory', () => {
    expect(heavyIn(client(`store: ':memory:'`))).toEqual(['ws'])
  })

  test('loads SQLite where a client keeps something', () => {
    expect(heavyIn(client(`store: './kept'`))).toEqual(['libsql', 'ws'])
  })

  test('starts a relay', () => {
    const code = `import { createRelay } from '@dchat/relay'
      const relay = await createRelay()
      await relay.close()
      console.log('done')`
    expect(heavyIn(code)).toContain('ws')
  })

  test.each(
    packed.flatMap(({ folder, manifest }) => Object.values(manifest.bin ?? {}).map((file) => join(folder, file))),
  )('starts %s', (program) => {
    const { status, stdout } = spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8' })
    expect(status).toBe(0)
    expect(stdout).toContain('--help')
  })
})
