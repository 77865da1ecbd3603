import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configFile } from '../src/config/config.ts'
import { isSettingKey, SETTINGS, settingChange, settingText } from '../src/config/keys.ts'
import { signalLine } from '../src/io/signal-lines.ts'
import { style } from '../src/io/text.ts'
import type { SignalView } from '../src/methods/signal-types.ts'
import { run } from '../src/run.ts'
import { fakeHost } from './support/host.ts'
import { all, met, people } from './support/people.ts'

const { person, linkOf, addressOf } = people()
const SOON = { timeout: 90_000 }

describe('signals, in process and attached', () => {
  test('typing, coming and going, and what notifies, as long as somebody listens', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')]
    await met(alice, bob)
    const { chat } = await alice.owner.call('send', { chat: await linkOf(bob), text: 'hello', wait: 'delivered' })
    await bob.owner.call('contacts.add', { peer: await linkOf(alice), name: 'alice' })
    await bob.owner.call('send', { chat: 'alice', text: 'hello', wait: 'delivered' })
    const address = await addressOf(alice)
    const told: SignalView[] = []
    const over = new AbortController()
    const types = ['typing', 'presence', 'notification'] as const
    const listening = (async () => {
      for await (const signal of bob.guest.stream('listen.signals', { chat: 'alice', types }, over)) told.push(signal)
    })().catch(() => undefined)
    const gone = new AbortController()
    const online = (async () => {
      for await (const _ of alice.guest.stream('listen.signals', { types: ['presence'] }, gone));
    })().catch(() => undefined)

    await expect.poll(() => told, SOON).toContainEqual({ type: 'presence', from: address, name: 'alice', online: true })
    expect(await alice.guest.call('typing', { chat })).toEqual({ chat })
    await expect
      .poll(() => told, SOON)
      .toContainEqual({ type: 'typing', chat, from: address, name: 'alice', typing: true })
    const { id } = await alice.owner.call('send', { chat, text: 'there', wait: 'sent' })
    await expect
      .poll(() => told, SOON)
      .toContainEqual({
        type: 'notification',
        kind: 'message',
        chat,
        message: id,
        from: address,
        title: 'alice',
        preview: 'there',
        mention: false,
      })
    expect(told).toContainEqual({ type: 'typing', chat, from: address, name: 'alice', typing: false })
    await bob.guest.call('read.mark', { chat, upTo: id })
    await expect.poll(() => told, SOON).toContainEqual({ type: 'notification', kind: 'cleared', chat })
    gone.abort()
    await online
    await expect.poll(() => told.at(-1), SOON).toMatchObject({ type: 'presence', from: address, online: false })
    over.abort()
    await listening
  })

  test('settings are set and read by either', async () => {
    const alice = await person('alice')
    expect(await alice.guest.call('config.set', { presence: false, notify: 'mentions' })).toMatchObject({
      typing: true,
      presence: false,
      notify: 'mentions',
    })
    expect(await alice.owner.call('config.get', {})).toMatchObject({ presence: false })
    await expect(alice.guest.call('config.set', { notify: 'some' as 'all' })).rejects.toMatchObject({
      code: 'usage/invalid-argument',
    })
  })
})

describe('what a person keeps of a conversation', () => {
  test('is set and taken back, through the owner and beside it', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')]
    await met(alice, bob)
    const { chat } = await alice.owner.call('send', { chat: await linkOf(bob), text: 'hello', wait: 'sent' })
    const rule = { level: 'none', until: Date.now() + 3_600_000 } as const
    const peer = await addressOf(bob)
    expect(await alice.guest.call('chats.set', { chat: peer, notify: rule, pinned: true })).toMatchObject({
      id: chat,
      notify: rule,
      pinned: true,
    })
    expect(await all(alice.owner.stream('chats.list', {}))).toMatchObject([{ notify: rule, pinned: true }])
    const back = await alice.owner.call('chats.set', { chat, notify: null, pinned: false, archived: true })
    expect(back).toMatchObject({ archived: true })
    expect(Object.keys(back)).not.toContain('notify')
    await expect(alice.guest.call('chats.set', { chat: 'nobody', pinned: true })).rejects.toMatchObject({
      code: 'identity/unknown-peer',
    })
    await expect(bob.guest.call('chats.set', { chat: await linkOf(bob), pinned: true })).rejects.toMatchObject({
      code: 'conversation/unknown',
    })
  })

  test.each([
    ['chats', 'notify', 'bob', 'loud'],
    ['chats', 'notify', 'bob', 'default', '--for', '1d'],
    ['chats', 'notify', 'bob', 'none', '--for', 'soon'],
  ])('%s %s %s %s', async (...argv) => {
    expect(await run(fakeHost(argv))).toBe(2)
  })
})

describe('lines of signals', () => {
  const plain = style(false)
  test.each<[SignalView, string]>([
    [{ type: 'typing', chat: 'c', from: 'dchat1abcdefghijklmn', typing: true }, '… dchat1abcdef…ijklmn is typing'],
    [{ type: 'typing', chat: 'c', from: 'a', name: 'bob\nbob', typing: false }, '… bob bob stopped typing'],
    [{ type: 'presence', from: 'a', name: 'bob', online: true }, '+ bob is online'],
    [
      { type: 'notification', kind: 'message', chat: 'c', title: 'bob', preview: 'red \u001b[31m' },
      '! bob: red \ufffd[31m',
    ],
    [{ type: 'notification', kind: 'request', chat: 'c', title: 'bob' }, '! bob wants to write to you\tc'],
    [{ type: 'notification', kind: 'cleared', chat: 'c' }, ''],
  ])('%o', (signal, text) => expect(signalLine(signal, plain)[2]).toBe(text))

  test('times are told as in every other line', () => {
    const [type, fields, text] = signalLine(
      { type: 'presence', from: 'a', name: 'bob', online: false, lastSeen: 0 },
      plain,
    )
    expect(type).toBe('presence')
    expect(fields).toEqual({ from: 'a', name: 'bob', online: false, last_seen: '1970-01-01T00:00:00.000Z' })
    expect(text).toMatch(/^- bob is offline, seen 19\d\d-/)
  })
})

describe('keys of "config"', () => {
  test('each value of each key is a change that is shown as it was given', () => {
    for (const [key, { name, values }] of Object.entries(SETTINGS))
      for (const value of values) {
        if (!isSettingKey(key)) throw new Error(key)
        const change = settingChange(key, value)
        expect(change?.[name]).toBeDefined()
        expect(settingText(change?.[name] ?? ('?' as never))).toBe(value)
      }
    expect(settingChange('presence', 'true')).toBeUndefined()
  })

  test('what belongs to this machine is set and read without an identity', async () => {
    const home = await mkdtemp(join(tmpdir(), 'dchat-config-'))
    const env = { XDG_CONFIG_HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_RUNTIME_DIR: join(home, 'run') }
    const dchat = async (...argv: string[]) => {
      const host = fakeHost([...argv, '--json'], { env })
      return {
        code: await run(host),
        out: host
          .out()
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
        err: host.err(),
      }
    }
    try {
      expect(await dchat('config', 'set', 'relays', 'WS://one.example,ws://two.example')).toMatchObject({
        code: 0,
        out: [{ ok: true, data: { key: 'relays', value: ['ws://one.example', 'ws://two.example'], of: 'machine' } }],
      })
      expect((await dchat('config', 'set', 'profile', 'work')).code).toBe(0)
      expect((await dchat('config', 'get', 'profile')).out).toMatchObject([{ data: { value: 'work' } }])
      expect((await dchat('config', 'list')).out).toMatchObject([
        { type: 'setting', key: 'profile', value: 'work' },
        { type: 'setting', key: 'relays', value: [] },
        { type: 'end' },
      ])
      const path = configFile(join(home, 'dchat'))
      expect((await dchat('config', 'path')).out).toMatchObject([{ data: { path } }])
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ profile: 'work', profiles: { default: {} } })
      for (const argv of [
        ['set', 'colour', 'red'],
        ['set', 'presence', 'maybe'],
        ['set', 'profile', 'Not A Name'],
        ['set', 'relays', 'http://no.example'],
        ['set', 'relays', ','],
        ['get', 'colour'],
      ])
        expect((await dchat('config', ...argv)).code).toBe(2)
      expect((await dchat('config', 'get', 'presence')).code).toBe(4)
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  })
})

describe('types of "listen"', () => {
  test.each([
    ['--type', 'noise'],
    ['--type', 'typing', '--exec', 'true'],
    ['--type', 'typing', '--limit', '1'],
  ])('%s %s %s', async (...argv) => {
    expect(await run(fakeHost(['listen', ...argv.filter(Boolean)]))).toBe(2)
  })
})
