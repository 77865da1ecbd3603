import { expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })

test('a new machine shows a code, the old one approves it, and both talk; a revoked one does not', async () => {
  await net.init('alice')
  const bob = await net.init('bob')
  await net.introduce('alice', 'bob')
  await net.run('alice', 'send', 'bob', 'before')

  const linking = net.start('laptop', 'devices', 'link', '--relay', net.relay, '--name', 'laptop', '--json')
  const waiting = JSON.parse((await linking.line()) ?? '{}')
  expect(waiting).toMatchObject({ v: 1, type: 'waiting', code: expect.stringMatching(/^\w{3}-\w{3}-\w{3}$/) })
  expect(waiting.qr).toMatch(/^dchat-link:/)

  const unasked = await net.run('bob', 'devices', 'approve', waiting.code)
  expect(unasked).toMatchObject({ code: 2, out: '' })
  expect(unasked.err).toContain('--yes')
  const approved = await net.run('bob', 'devices', 'approve', waiting.code, '--yes', '--json')
  expect(approved).toMatchObject({ code: 0, err: '' })
  const { data } = JSON.parse(approved.out)
  expect(data).toMatchObject({ approved: true, name: 'laptop', this_device: false, revoked: false })
  const linked = await linking.ended
  expect([linked.code, linked.err]).toEqual([0, expect.stringContaining('key file')])
  expect(jsonLines(linked.out).map(({ type }) => type)).toEqual(['waiting', 'found', 'linked', 'end'])
  expect(jsonLines(linked.out)[2]).toMatchObject({ address: bob.address, device: data.id, relays: [net.relay] })

  expect((await net.run('bob', 'devices', 'rename', 'laptop', 'Old laptop')).out).toBe(
    'It is called "Old laptop" now.\n',
  )
  const listed = jsonLines((await net.run('bob', 'devices', '--json')).out)
  expect(listed.map(({ type, name, this_device }) => [type, name, this_device])).toEqual([
    ['device', undefined, true],
    ['device', 'Old laptop', false],
    ['end', undefined, undefined],
  ])

  const laptop = net.start('laptop', 'listen', '--json')
  const both = net.start('bob', 'listen', '--json', '--since', 'now')
  await net.run('alice', 'send', 'bob', 'to both of you')
  for (const heard of [laptop, both]) {
    let line = ''
    while (!line.includes('to both of you')) line = (await heard.line()) ?? 'ended before "to both of you"'
    expect(line).toContain('to both of you')
  }

  const refused = await net.run('laptop', 'devices', 'revoke', data.id, '--yes')
  expect([refused.code, refused.out]).toEqual([4, ''])
  expect(refused.err).toContain('recovery phrase')
  const hasty = await net.run('bob', 'devices', 'revoke', 'Old laptop')
  expect(hasty).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--yes') })
  expect((await net.run('bob', 'devices', 'revoke', 'Old laptop', '--yes')).out).toContain('Revoked "Old laptop"')
  // It learns it by itself, and says so.
  expect((await laptop.ended).code).toBe(4)
  expect(await net.run('laptop', 'send', 'alice', 'nobody hears this')).toMatchObject({ code: 4, out: '' })
  expect((await net.run('laptop', 'read', 'alice', '--offline')).out).toContain('to both of you')
})

test('a code that nobody shows and one that is none say so, each with its exit code', async () => {
  await net.init('carol')
  expect(await net.run('carol', 'devices', 'approve', 'ABC-DEF-GHJ', '--yes')).toMatchObject({ code: 5, out: '' })
  expect(await net.run('carol', 'devices', 'approve', 'no code', '--yes')).toMatchObject({ code: 2, out: '' })
  expect(await net.run('carol', 'devices', 'link', '--relay', net.relay)).toMatchObject({ code: 10, out: '' })
  expect(await net.run('nobody', 'devices', 'link')).toMatchObject({ code: 2, out: '' })
})
