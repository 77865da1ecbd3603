import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../lib/tree.ts'

test('no file, export or dependency of the workspace is without use (knip.json)', () => {
  const knip = join(root, 'node_modules/knip/bin/knip.js')
  const args = [knip, '--no-progress', '--treat-config-hints-as-errors']
  const { output, status } = (() => {
    try {
      return { output: execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }), status: 0 }
    } catch (error) {
      return { output: String((error as { stdout?: string }).stdout), status: (error as { status?: number }).status }
    }
  })()
  expect({ status, output }).toEqual({ status: 0, output: '' })
})
