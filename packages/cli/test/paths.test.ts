import { describe, expect, test } from 'vitest'
import { parseProfile } from '../src/config/profile.ts'
import type { Environment } from '../src/host.ts'
import { directories } from '../src/io/paths.ts'
import { SOCKET_PATH_LIMIT, socketPaths } from '../src/session/socket-path.ts'

const on = (platform: string, env: Environment, session = false) =>
  directories({ platform, env, home: '/home/a', temporary: '/tmp', uid: 1000, isDirectory: () => session })

describe('where things are kept', () => {
  test('DCHAT_HOME moves everything', () => {
    const all = on('linux', { DCHAT_HOME: '/x', XDG_DATA_HOME: '/data', XDG_RUNTIME_DIR: '/run/user/1000' })
    expect(all).toEqual({
      config: '/x/config',
      data: '/x/data',
      state: '/x/state',
      cache: '/x/cache',
      runtime: '/x/run',
    })
  })

  test('XDG names each', () => {
    const env = {
      XDG_CONFIG_HOME: '/c',
      XDG_DATA_HOME: '/d',
      XDG_STATE_HOME: '/s',
      XDG_CACHE_HOME: '/h',
      XDG_RUNTIME_DIR: '/r',
    }
    const expected = { config: '/c/dchat', data: '/d/dchat', state: '/s/dchat', cache: '/h/dchat', runtime: '/r/dchat' }
    expect(on('linux', env)).toEqual(expected)
    expect(on('darwin', env)).toEqual(expected)
  })

  test('a relative XDG path is ignored, as the specification asks', () => {
    expect(on('linux', { XDG_DATA_HOME: 'here' }).data).toBe('/home/a/.local/share/dchat')
  })

  test('the runtime folder of the session is found also where its variable was lost', () => {
    expect(on('linux', {}, true).runtime).toBe('/run/user/1000/dchat')
    expect(on('linux', {}, false).runtime).toBe('/tmp/dchat-1000')
  })

  test('macOS and Windows keep their own conventions', () => {
    expect(on('darwin', {}).data).toBe('/home/a/Library/Application Support/dchat/profiles')
    expect(on('win32', { APPDATA: 'C:\\R', LOCALAPPDATA: 'C:\\L' })).toMatchObject({
      config: 'C:\\R\\dchat',
      data: 'C:\\L\\dchat\\data',
    })
  })
})

describe('profiles', () => {
  const places = on('linux', { DCHAT_HOME: '/x' })

  test('have a folder of their own', () => {
    expect(parseProfile('alice', places)).toEqual({ name: 'alice', directory: '/x/data/alice', runtime: '/x/run' })
  })

  test.each(['', '..', '.', 'a/b', 'A', '-x', 'a'.repeat(65), 'a\0', 'x.'])('cannot be called %j', (name) => {
    expect(() => parseProfile(name, places)).toThrow(/profile/)
  })
})

describe('the local socket', () => {
  const host = { platform: 'linux', temporary: '/tmp', uid: 1000 }

  test('is named by the profile', () => {
    const profile = parseProfile('alice', on('linux', { DCHAT_HOME: '/x' }))
    expect(socketPaths(profile, host)[0]).toBe('/x/run/alice.sock')
  })

  test('never has a path that the kernel would cut', () => {
    for (const length of [1, 60, 90, 95, 120, 4000]) {
      const home = `/${'d'.repeat(length)}`
      const profile = parseProfile('p'.repeat(64), on('linux', { DCHAT_HOME: home }))
      for (const temporary of ['/tmp', home])
        for (const path of socketPaths(profile, { ...host, temporary }))
          expect(Buffer.byteLength(path)).toBeLessThanOrEqual(SOCKET_PATH_LIMIT)
    }
  })

  test('differs between two stores that share a runtime folder and a profile name', () => {
    const one = parseProfile('default', on('linux', { XDG_DATA_HOME: '/one', XDG_RUNTIME_DIR: '/r' }))
    const two = parseProfile('default', on('linux', { XDG_DATA_HOME: '/two', XDG_RUNTIME_DIR: '/r' }))
    expect(socketPaths(one, host)[0]).toBe(socketPaths(two, host)[0])
    expect(socketPaths(one, host)[1]).not.toBe(socketPaths(two, host)[1])
  })

  test('is a named pipe on Windows', () => {
    const profile = parseProfile('alice', on('linux', { DCHAT_HOME: '/x' }))
    expect(socketPaths(profile, { ...host, platform: 'win32' })).toEqual([
      expect.stringMatching(/^\\\\\.\\pipe\\dchat-/),
    ])
  })
})
