import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network()

describe('two people, one relay, separate processes', () => {
  test('a message waits for who was away, and the next ones stream', async () => {
    const alice = await net.init('alice')
    await net.init('bob')
    await net.introduce('alice', 'bob')

    const sent = await net.run('alice', 'send', 'bob', 'While you were away', '--json')
    expect(sent).toMatchObject({ code: 0, err: '' })
    const message = JSON.parse(sent.out)
    expect(message).toMatchObject({ v: 1, ok: true, data: { state: 'sent', text: 'While you were away', own: true } })

    const read = await net.run('bob', 'read', 'alice', '--json')
    expect(read).toMatchObject({ code: 0, err: '' })
    const [first, end] = jsonLines(read.out)
    expect(first).toMatchObject({
      v: 1,
      type: 'message',
      id: message.data.id,
      from: alice.address,
      name: 'alice',
      own: false,
      text: 'While you were away',
      format: 'text',
    })
    expect(end).toEqual({ v: 1, type: 'end', cursor: first?.cursor })

    const listening = net.start('bob', 'listen', '--json')
    expect(JSON.parse((await listening.line()) ?? '')).toMatchObject({ id: message.data.id })
    const live = await net.run('alice', 'send', 'bob', 'Now you are here', '--wait', 'delivered', '--json')
    expect(live.code).toBe(0)
    expect(JSON.parse(live.out).data.state).toMatch(/delivered|read/)
    expect(JSON.parse((await listening.line()) ?? '')).toMatchObject({ text: 'Now you are here' })

    // Beside the running owner: the same store, by its socket.
    const answer = await net.run('bob', 'send', 'alice', 'I am', '--json')
    expect(answer).toMatchObject({ code: 0, err: '' })
    const heard = await net.run('alice', 'listen', '--limit', '1', '--json')
    expect(jsonLines(heard.out)).toMatchObject([{ text: 'I am' }, { type: 'end' }])

    listening.child.kill('SIGTERM')
    expect(await listening.ended).toMatchObject({ code: 143, err: '' })
    const again = await net.run('bob', 'read', 'alice', '--since', String(first?.cursor), '--json')
    expect(jsonLines(again.out).map(({ text }) => text)).toEqual(['Now you are here', 'I am', undefined])
  })

  test('text for people: time, name, state; nothing of a stranger reaches the terminal raw', async () => {
    await net.run('alice', 'send', 'bob', 'red \u001b[31m alert\nnext line')
    const { out } = await net.run('bob', 'read', 'alice', '--limit', '1')
    expect(out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}alice: red \ufffd\[31m alert\n {4}next line\n$/)
  })

  test('sends that start together without an owner all arrive', async () => {
    const texts = ['together 1', 'together 2', 'together 3', 'together 4']
    const sent = await Promise.all(texts.map((text) => net.run('alice', 'send', 'bob', text, '--json')))
    expect(sent.map(({ code, err }) => [code, err])).toEqual(texts.map(() => [0, '']))
    const { out } = await net.run('bob', 'read', 'alice', '--limit', '4', '--json')
    expect(
      jsonLines(out)
        .slice(0, 4)
        .map(({ text }) => text)
        .sort(),
    ).toEqual(texts)
  })

  test('a listener that was attached takes over when the owner is killed', async () => {
    const owner = net.start('bob', 'listen', '--json', '--since', 'now')
    await net.run('alice', 'send', 'bob', 'to both')
    expect(await owner.line()).toContain('to both')
    const guest = net.start('bob', 'listen', '--json', '--chat', 'alice')
    let heard = ''
    while (!heard.includes('to both')) heard = (await guest.line()) ?? 'ended before "to both"'
    owner.child.kill('SIGKILL')
    await owner.ended
    expect((await net.run('alice', 'send', 'bob', 'to the one who stayed')).code).toBe(0)
    expect(await guest.line()).toContain('to the one who stayed')
    guest.child.kill('SIGINT')
    expect((await guest.ended).code).toBe(130)
  })

  test('many lines go through one process, and the same input again sends nothing twice', async () => {
    const lines = Array.from({ length: 120 }, (_, n) =>
      JSON.stringify({ chat: 'bob', text: `line ${n}`, client_id: `run-${n}` }),
    )
    const input = `${lines.join('\n')}\n`
    const cursor = String(jsonLines((await net.run('bob', 'read', 'alice', '--json')).out).at(-1)?.cursor)
    const first = await net.runWith({ input }, 'alice', 'send', '--jsonl')
    expect(first).toMatchObject({ code: 0, err: '' })
    const results = jsonLines(first.out)
    expect(results.map(({ line, ok, client_id, state }) => [line, ok, client_id, state])).toEqual(
      lines.map((_, n) => [n + 1, true, `run-${n}`, 'sent']),
    )
    const second = await net.runWith({ input }, 'alice', 'send', '--jsonl')
    expect(jsonLines(second.out).map(({ id }) => id)).toEqual(results.map(({ id }) => id))
    const read = await net.run('bob', 'read', 'alice', '--since', cursor, '--limit', '1000', '--json')
    expect(
      jsonLines(read.out)
        .slice(0, -1)
        .map(({ text }) => text),
    ).toEqual(lines.map((_, n) => `line ${n}`))
  })

  test('bad lines are named, the others are sent, and the exit code says "partly"', async () => {
    const input = '{"chat":"bob","text":"good"}\nnonsense\n{"chat":"zoe","text":"nobody"}\n'
    const { code, out, err } = await net.runWith({ input }, 'alice', 'send', '--jsonl', '--json')
    expect(code).toBe(9)
    expect(jsonLines(out)).toMatchObject([
      { type: 'result', line: 1, ok: true, state: 'sent' },
      { line: 2, ok: false, error: { code: 'usage/invalid-argument' } },
      { line: 3, ok: false, error: { code: 'identity/unknown-peer' } },
    ])
    expect(JSON.parse(err)).toMatchObject({ ok: false, error: { code: 'usage/partial' } })
  })

  test('a phrase alone brings a person back on an empty machine, and the conversation goes on', async () => {
    const phrase = join(net.root, 'phrase')
    await net.init('carol')
    const { address } = await net.init('dave', '--phrase-file', phrase)
    await net.introduce('carol', 'dave')
    expect((await net.run('carol', 'send', 'dave', 'before')).code).toBe(0)
    expect((await net.run('dave', 'read', 'carol')).out).toContain('before')
    await rm(net.home('dave'), { recursive: true })

    const back = await net.run('dave', 'restore', '--relay', net.relay, '--phrase-file', phrase, '--json')
    expect(JSON.parse(back.out).data).toMatchObject({ address, published: true })
    // Carol's device lets the new one in when it is next on line.
    expect((await net.run('carol', 'read', 'dave')).code).toBe(0)
    expect((await net.run('carol', 'send', 'dave', 'welcome back')).code).toBe(0)
    const { address: carol } = JSON.parse((await net.run('carol', 'whoami', '--json')).out).data
    expect(jsonLines((await net.run('dave', 'read', carol, '--json')).out)).toMatchObject([
      { text: 'welcome back' },
      { type: 'end' },
    ])
    expect((await net.run('dave', 'send', carol, 'here I am')).code).toBe(0)
    expect((await net.run('carol', 'read', 'dave', '--limit', '1')).out).toContain('dave: here I am')
  })
})
