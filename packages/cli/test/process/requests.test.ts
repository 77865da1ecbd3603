import { expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })

test('a stranger asks, is allowed, and the message arrives; who is blocked meets silence', async () => {
  const alice = await net.init('alice')
  const bob = await net.init('bob')
  expect((await net.run('alice', 'profile', 'set', '--name', 'Alice')).code).toBe(0)

  // Bob's terminal listens: a request comes, no message.
  const listening = net.start('bob', 'listen', '--json')
  expect((await net.run('alice', 'send', bob.link, 'May I?')).code).toBe(0)
  const request = JSON.parse((await listening.line()) ?? '')
  expect(request).toMatchObject({ v: 1, type: 'request', kind: 'dm', from: alice.address, name: 'Alice' })
  const listed = await net.run('bob', 'contacts', 'requests', '--json')
  expect(jsonLines(listed.out)).toMatchObject([{ type: 'request', chat: request.chat }, { type: 'end' }])
  expect((await net.run('bob', 'contacts', 'requests')).out).toContain(`Alice (${alice.address}) wants to write to you`)
  expect(jsonLines((await net.run('bob', 'read', alice.address, '--json')).out)).toMatchObject([{ type: 'end' }])

  const allowed = await net.run('bob', 'contacts', 'allow', 'alice', '--json')
  expect(JSON.parse(allowed.out)).toMatchObject({ ok: true, data: { address: alice.address, consent: 'allowed' } })
  expect(JSON.parse((await listening.line()) ?? '')).toMatchObject({ type: 'message', text: 'May I?', name: '~Alice' })
  expect((await net.run('alice', 'send', bob.link, 'Thank you', '--wait', 'delivered')).code).toBe(0)
  expect(JSON.parse((await listening.line()) ?? '')).toMatchObject({ text: 'Thank you' })

  expect((await net.run('bob', 'contacts', 'block', alice.address)).code).toBe(0)
  expect((await net.run('alice', 'send', bob.link, 'into silence')).code).toBe(0)
  const refused = await net.run('bob', 'send', alice.address, 'no', '--json')
  expect(refused.code).toBe(1)
  expect(JSON.parse(refused.err)).toMatchObject({ error: { code: 'conversation/blocked' } })
  const unconfirmed = await net.run(
    'alice',
    'send',
    bob.link,
    'still silence',
    '--wait',
    'delivered',
    '--timeout',
    '3s',
  )
  expect(unconfirmed.code).toBe(8)

  expect((await net.run('bob', 'contacts', 'unblock', alice.address)).code).toBe(0)
  expect((await net.run('alice', 'send', bob.link, 'and back', '--wait', 'delivered')).code).toBe(0)
  expect(JSON.parse((await listening.line()) ?? '')).toMatchObject({ text: 'and back' })
  listening.child.kill('SIGTERM')
  expect(await listening.ended).toMatchObject({ code: 143 })
})

test('two people compare their safety number', async () => {
  const carol = await net.init('carol')
  await net.init('dave')
  await net.introduce('carol', 'dave')
  const shown = JSON.parse((await net.run('dave', 'contacts', 'verify', 'carol', '--json')).out).data
  expect(shown).toMatchObject({ address: carol.address, verification: 'unverified' })
  const wrong = await net.run('carol', 'contacts', 'verify', 'dave', '1'.repeat(60), '--json')
  expect(wrong.code).toBe(6)
  const done = await net.run('carol', 'contacts', 'verify', 'dave', shown.qr)
  expect(done).toMatchObject({ code: 0, err: '' })
  expect(done.out).toBe(`${shown.digits}\n${shown.qr}\nIt is the same: verified.\n`)
  expect((await net.run('carol', 'contacts', 'show', 'dave')).out).toContain('verified yes')
})
