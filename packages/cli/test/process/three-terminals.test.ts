import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })

/** The data of a command that must go well. */
const json = async (name: string, ...argv: string[]): Promise<Record<string, unknown>> => {
  const { code, out, err } = await net.run(name, ...argv, '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out).data
}

const refusal = async (name: string, ...argv: string[]): Promise<{ exit: number | null; code: string }> => {
  const { code: exit, out, err } = await net.run(name, ...argv, '--json')
  expect(out).toBe('')
  return { exit, code: JSON.parse(err).error.code }
}

const lines = async (name: string, ...argv: string[]): Promise<Record<string, unknown>[]> => {
  const { code, out, err } = await net.run(name, ...argv, '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return jsonLines(out).slice(0, -1)
}

const said = async (name: string, chat: string): Promise<unknown[]> =>
  (await lines(name, 'read', chat)).filter(({ format }) => format !== 'notice').map(({ text }) => text)

const notices = async (name: string, chat: string): Promise<unknown[]> =>
  (await lines(name, 'read', chat)).filter(({ format }) => format === 'notice').map(({ text }) => text)

/** A line of a stream that other lines may stand before. */
const until = async (next: () => Promise<string | undefined>, wanted: Record<string, unknown>): Promise<object> => {
  for (let line = await next(); line !== undefined; line = await next()) {
    const value = JSON.parse(line) as Record<string, unknown>
    if (Object.entries(wanted).every(([key, expected]) => value[key] === expected)) return value
  }
  throw new Error(`the stream ended before ${JSON.stringify(wanted)}`)
}

describe('a group of three, one relay, terminals that listen', () => {
  let alice = ''
  let bob = ''

  test('is made; one is asked while listening, another while away', async () => {
    alice = (await net.init('alice')).address
    bob = (await net.init('bob')).address
    await net.init('carol')
    await net.introduce('alice', 'bob', 'carol')

    const listening = net.start('bob', 'listen', '--json')
    const made = await json('alice', 'group', 'create', 'Trip', 'bob', 'carol')
    expect(made).toMatchObject({ title: 'Trip', missing: [] })
    const asked = await until(listening.line, { type: 'invitation' })
    expect(asked).toMatchObject({ v: 1, chat: made.chat, from: alice, name: 'alice', title: 'Trip' })

    // Beside the listener, by its socket.
    expect(await json('bob', 'group', 'accept', 'Trip')).toMatchObject({ id: made.chat, kind: 'group', title: 'Trip' })
    const [invitation] = await lines('carol', 'group', 'invitations')
    expect(invitation).toMatchObject({ type: 'invitation', chat: made.chat, name: 'alice' })
    expect((await net.run('carol', 'chats')).out).toMatch(/^Trip\t\[group\]\t\(invited\)/)
    expect(await json('carol', 'group', 'decline', 'Trip')).toEqual({ chat: made.chat })
    expect(await lines('carol', 'group', 'invitations')).toEqual([])

    const { id } = await json('alice', 'send', 'Trip', 'Where to?')
    expect(await until(listening.line, { type: 'message', id })).toMatchObject({ group: 'Trip', name: 'alice' })
    await json('bob', 'send', 'Trip', 'To the sea', '--reply-to', String(id))
    expect(await said('alice', 'Trip')).toEqual(['Where to?', 'To the sea'])

    await json('alice', 'react', String(id), '+1')
    const change = await until(listening.line, { type: 'change' })
    expect(change).toMatchObject({ changed: ['reactions'], id, reactions: [{ emoji: '+1', from: [alice] }] })
    listening.child.kill('SIGTERM')
    expect((await listening.ended).code).toBe(143)
    const left = (await notices('alice', 'Trip')).at(-1)
    expect(left).toBe('carol left')
  })

  test('who it is, for people and for programs', async () => {
    const info = await json('bob', 'group', 'info', 'Trip')
    expect(info).toMatchObject({ name: 'Trip', role: 'member', timer: 0, pins: [] })
    expect(info.members).toMatchObject([
      { address: alice, name: 'alice', role: 'owner', state: 'joined', own: false },
      { address: bob, role: 'member', own: true },
    ])
    const { out } = await net.run('bob', 'group', 'info', 'Trip')
    expect(out).toContain(`owner    alice\t${alice}`)
    expect(out).toContain(`member   you\t${bob}`)
    expect((await net.run('bob', 'group')).out).toMatch(/^Trip\t\[group\]/)
  })

  test('what the role does not allow: 1, and the error says so; with the role it goes', async () => {
    const notPermitted = { exit: 1, code: 'conversation/not-permitted' }
    expect(await refusal('bob', 'group', 'rename', 'Trip', 'Sea')).toEqual(notPermitted)
    expect(await refusal('bob', 'group', 'add', 'Trip', 'carol')).toEqual(notPermitted)
    expect(await refusal('bob', 'group', 'remove', 'Trip', 'alice')).toEqual(notPermitted)
    await json('alice', 'group', 'role', 'Trip', 'bob', 'admin')
    expect(await refusal('bob', 'group', 'remove', 'Trip', 'alice')).toEqual(notPermitted)
    await json('bob', 'group', 'rename', 'Trip', 'Sea trip')
    expect((await notices('alice', 'Sea trip')).slice(-2)).toEqual([
      'you made bob an admin',
      'bob named the group "Sea trip"',
    ])
    expect(await refusal('alice', 'group', 'role', 'Sea trip', 'bob', 'king')).toEqual({
      exit: 2,
      code: 'usage/invalid-argument',
    })
    expect(await refusal('alice', 'group', 'info', 'No such trip')).toEqual({ exit: 5, code: 'conversation/unknown' })
  })

  test('edits, deletions, pins, forwards and pictures', async () => {
    const { id } = await json('bob', 'send', 'Sea trip', 'Traim at nine')
    expect(await refusal('alice', 'edit', String(id), 'mine')).toEqual({ exit: 1, code: 'message/not-permitted' })
    await json('bob', 'edit', String(id), 'Train at nine')
    await json('alice', 'pin', String(id))
    expect(await lines('bob', 'read', 'Sea trip', '--pinned')).toMatchObject([
      { id, text: 'Train at nine', pinned: true, editions: [{ text: 'Traim at nine' }] },
    ])
    const shown = (await net.run('alice', 'read', 'Sea trip', '--ids')).out
    expect(shown).toMatch(new RegExp(`^${id} {2}.* {2}bob: Train at nine \\(edited\\) \\(pinned\\)$`, 'm'))
    await json('alice', 'pin', String(id), '--off')
    expect(await lines('bob', 'read', 'Sea trip', '--pinned')).toEqual([])

    expect(await json('alice', 'forward', String(id), 'carol')).toMatchObject({
      forwarded: true,
      text: 'Train at nine',
    })
    expect(await lines('carol', 'read', 'alice')).toMatchObject([{ forwarded: true, text: 'Train at nine' }])

    // The owner may delete what others wrote.
    await json('alice', 'delete', String(id))
    expect((await said('bob', 'Sea trip')).at(-1)).toBe('alice deleted this message')

    const picture = join(net.root, 'picture.png')
    await writeFile(picture, Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
    await json('alice', 'group', 'picture', 'Sea trip', picture)
    const saved = join(net.root, 'saved.png')
    expect(await json('bob', 'group', 'picture', 'Sea trip', '--save', saved)).toMatchObject({
      media_type: 'image/png',
    })
    expect((await refusal('bob', 'group', 'picture', 'Sea trip', '--save', saved)).exit).toBe(2)
    await json('alice', 'group', 'picture', 'Sea trip', '--off')
    await json('alice', 'group', 'timer', 'Sea trip', '1d')
    expect((await notices('bob', 'Sea trip')).at(-1)).toBe('alice let messages disappear after 1 day')
    expect(await json('bob', 'send', 'Sea trip', 'This goes')).toHaveProperty('expires_at')
  })

  test('who was taken out hears nothing more, and can be asked in again; who leaves is out', async () => {
    await json('alice', 'group', 'remove', 'Sea trip', 'bob')
    await json('alice', 'send', 'Sea trip', 'Without Bob')
    expect(await said('bob', 'Sea trip')).not.toContain('Without Bob')
    expect((await notices('bob', 'Sea trip')).at(-1)).toBe('alice removed you')
    expect(await refusal('bob', 'send', 'Sea trip', 'Hello?')).toEqual({ exit: 1, code: 'conversation/not-member' })

    await json('alice', 'group', 'add', 'Sea trip', 'bob')
    await json('bob', 'group', 'accept', 'Sea trip')
    await json('alice', 'send', 'Sea trip', 'Welcome back')
    expect(await said('bob', 'Sea trip')).toContain('Welcome back')
    expect(await said('bob', 'Sea trip')).not.toContain('Without Bob')

    await json('bob', 'group', 'leave', 'Sea trip')
    expect((await notices('alice', 'Sea trip')).at(-1)).toBe('bob left')
    expect((await json('alice', 'group', 'info', 'Sea trip')).members).toMatchObject([
      { address: alice, role: 'owner' },
    ])
    expect(await refusal('bob', 'group', 'rename', 'Sea trip', 'Mine')).toMatchObject({ exit: 1 })
  })

  test('who cannot be asked in is told, and the group is there', async () => {
    const away = await net.run('nobody', 'init', '--relay', 'ws://127.0.0.1:9', '--json', '--timeout', '300ms')
    const { address } = JSON.parse(away.out).data
    const made = await net.run('alice', 'group', 'create', 'Short', address, '--json')
    expect(made.code).toBe(0)
    expect(JSON.parse(made.out).data.missing).toEqual([address])
    expect(made.err).toContain('1 of them could not be asked in')
  })
})
