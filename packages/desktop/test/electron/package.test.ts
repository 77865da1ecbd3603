import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAsar } from '../support/asar.ts'

const require = createRequire(import.meta.url)
const here = join(import.meta.dirname, '../..')
const scratch = await mkdtemp(join(tmpdir(), 'dchat-package-'))
const asar = join(scratch, 'release/linux-unpacked/resources/app.asar')

/** As in Electron's own file: nine switches that stand behind a mark, `1` on and `0` off. */
const FUSES = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0009101101011'

/** Files in the place of Electron's: enough to be packed, nothing that runs. */
const fakeElectron = async (folder: string): Promise<void> => {
  await mkdir(join(folder, 'locales'), { recursive: true })
  await writeFile(join(folder, 'electron'), `#!/bin/sh\nexit 1\n${FUSES}\n`)
  await chmod(join(folder, 'electron'), 0o755)
  const { version } = require('electron/package.json') as { version: string }
  await writeFile(join(folder, 'version'), version)
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) await writeFile(join(folder, name), 'a licence')
}

// The configuration is checked where its targets can be packed, on a system that needs no signing.
describe.skipIf(process.platform !== 'linux')('the packed program', () => {
  beforeAll(async () => {
    const dist = join(scratch, 'electron')
    await fakeElectron(dist)
    const cli = join(require.resolve('electron-builder/package.json'), '../cli.js')
    const args = ['--dir', '--linux', '--config', 'electron-builder.config.js', '--publish', 'never']
    const options = [`-c.electronDist=${dist}`, `-c.directories.output=${join(scratch, 'release')}`]
    await promisify(execFile)(process.execPath, [cli, ...args, ...options], { cwd: here })
  })
  afterAll(() => rm(scratch, { recursive: true, force: true }))

  test('has the three built programs and nothing of what they were made from', () => {
    const files = [...readAsar(asar).keys()]
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'dist/main/index.js',
        'dist/preload/index.cjs',
        'dist/renderer/index.html',
        'dist/renderer/print.html',
        'dist/renderer/third-party.txt',
      ]),
    )
    const strangers = /node_modules|\.map$|\.ts$|\.svelte$|gallery|service-worker|(^|\/)test/
    expect(files.filter((path) => strangers.test(path))).toEqual([])
  })

  test('starts with the built program', async () => {
    const files = readAsar(asar)
    const { main } = JSON.parse(files.get('package.json') ?? '{}') as { main: string }
    expect(files.get(main)).toBe(await readFile(join(here, main), 'utf8'))
  })

  test('is nothing but this program: no other code, no debugger, no Node by its name', async () => {
    const program = await readFile(join(scratch, 'release/linux-unpacked/dchat'), 'latin1')
    const fuses = program.slice(program.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX') + 34)
    // runAsNode, cookies encrypted, NODE_OPTIONS, --inspect, integrity, only from the asar, snapshot, file privileges
    expect(fuses.slice(0, 6)).toBe('010011')
    expect(fuses[7]).toBe('0')
  })

  test('has the licences of Electron beside it', () => {
    expect(existsSync(join(scratch, 'release/linux-unpacked/LICENSE.electron.txt'))).toBe(true)
  })
})
