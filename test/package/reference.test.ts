import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { readJson, root } from '../lib/tree.ts'

const { entryPoints } = readJson('typedoc.json') as { entryPoints: readonly string[] }

test('the reference has every entry of the SDK', () => {
  const sdk = inject('packed').find(({ name }) => name === '@dchat/sdk')
  const sources = Object.values(sdk?.manifest.exports ?? {}).map((conditions) => conditions['dchat-source'] ?? '')
  expect(entryPoints.toSorted()).toEqual(sources.map((path) => join('packages/sdk', path)).toSorted())
})

test('the reference leads nowhere into the void: links, and types that a signature names (npm run reference)', () => {
  const typedoc = join(root, 'node_modules/typedoc/bin/typedoc')
  const env = { ...process.env, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc, '--emit', 'none'], {
    cwd: root,
    encoding: 'utf8',
    env,
  })
  expect({ status, said: `${stdout}${stderr}`.trim() }).toEqual({ status: 0, said: '' })
})
