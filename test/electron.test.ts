import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { openApp } from '../scripts/demo/app.mjs'
import { findElectron, hasDisplay } from '../scripts/lib/electron.mjs'
import { root } from './lib/tree.ts'

const folder = mkdtempSync(join(tmpdir(), 'dchat-electron-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the Electron of a machine', () => {
  test('is the one that ELECTRON_OVERRIDE_DIST_PATH names, if there is one', () => {
    const env = { ELECTRON_OVERRIDE_DIST_PATH: folder }
    expect(findElectron(env, 'linux')).toBeUndefined()
    writeFileSync(join(folder, 'electron'), '')
    expect(findElectron(env, 'linux')).toBe(join(folder, 'electron'))
    expect(findElectron(env, 'win32')).toBeUndefined()
  })

  test('opens windows where there is a display, and not for root', () => {
    expect(hasDisplay({}, 'linux', 1000)).toBe(false)
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux', 1000)).toBe(true)
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', 1000)).toBe(true)
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux', 0)).toBe(false)
    expect(hasDisplay({}, 'darwin')).toBe(true)
  })
})

describe.skipIf(process.platform === 'win32')('the app of npm start', () => {
  /** A program in the place of Electron's: it writes down how it was started, and ends. */
  const electron = (code: number): string => {
    const file = join(folder, `electron-${code}.mjs`)
    const { execPath } = process
    const script = `#!${execPath}
      import { writeFileSync } from 'node:fs'
      const { DCHAT_APP_DATA: data, DCHAT_SUGGESTIONS: suggestions } = process.env
      writeFileSync(${JSON.stringify(join(folder, 'started.json'))}, JSON.stringify({ args: process.argv.slice(2), data, suggestions }))
      process.exitCode = ${code}`
    writeFileSync(file, script, { mode: 0o755 })
    return file
  }

  const open = async (program: string | undefined) => {
    const shown: string[] = []
    const options = { data: folder, ports: [0], relay: 'ws://127.0.0.1:1', invite: 'dchat:dchat1abc' }
    const onPage = (url: string) => void shown.push(url)
    const onWindow = () => void shown.push('a window')
    const onFailure = (error: unknown) => void shown.push(String(error))
    return { shown, app: await openApp({ ...options, onPage, onWindow, onFailure }, program) }
  }

  test('is a window where there is an Electron, with the relay and the guide suggested', async () => {
    const { app, shown } = await open(electron(0))
    const file = join(folder, 'started.json')
    await vi.waitFor(() => expect(existsSync(file) && JSON.parse(readFileSync(file, 'utf8'))).toBeTruthy(), 90_000)
    const { args, data, suggestions } = JSON.parse(readFileSync(file, 'utf8'))
    expect(args).toEqual([join(root, 'packages/desktop')])
    expect(data).toBe(join(folder, 'app'))
    expect(JSON.parse(suggestions)).toEqual({
      relays: [{ url: 'ws://127.0.0.1:1', name: 'This machine' }],
      guide: 'dchat:dchat1abc',
    })
    await app.close()
    expect(shown).toEqual(['a window'])
  })

  test('is a page where a window cannot open', async () => {
    for (const [program, before] of [
      [electron(1), ['a window']],
      [join(folder, 'nowhere'), []],
    ] as const) {
      const { app, shown } = await open(program)
      await vi.waitFor(() => expect(shown).toEqual([...before, expect.stringMatching(/^http:/)]), 90_000)
      expect((await fetch(shown.at(-1) as string)).status).toBe(200)
      await app.close()
      await expect(fetch(shown.at(-1) as string)).rejects.toThrow()
    }
  })
})
