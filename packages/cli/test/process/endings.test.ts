import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonLines, start } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network()

const sockets = async (name: string): Promise<string[]> => readdir(join(net.home(name), 'run')).catch(() => [])

describe('how the program ends', () => {
  test('a signal closes everything: 143 and 130, no socket stays, nothing is said', async () => {
    await net.init('alice')
    await net.init('bob')
    await net.introduce('alice', 'bob')
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      const listening = net.start('bob', 'listen', '--json', '--since', 'start')
      await net.run('alice', 'send', 'bob', signal)
      await listening.line()
      expect(await sockets('bob')).toEqual(['default.sock'])
      listening.child.kill(signal)
      expect(await listening.ended).toMatchObject({ code, err: '' })
      expect(await sockets('bob')).toEqual([])
    }
  })

  test('a socket that a killed process left is no obstacle', async () => {
    const listening = net.start('bob', 'listen', '--json', '--since', 'start')
    await listening.line()
    listening.child.kill('SIGKILL')
    await listening.ended
    expect(await sockets('bob')).toEqual(['default.sock'])
    expect((await net.run('bob', 'whoami')).code).toBe(0)
    expect(await sockets('bob')).toEqual([])
  })

  test('a reader that goes away is no error: 0', async () => {
    const listening = net.start('bob', 'listen', '--json', '--since', 'start')
    await listening.line()
    listening.child.stdout.destroy()
    await net.run('alice', 'send', 'bob', 'to nobody')
    expect(await listening.ended).toMatchObject({ code: 0, err: '' })
  })

  test.skipIf(!existsSync('/dev/full'))('a full disk: 1, and it says so', async () => {
    const command = `'${process.execPath}' '${new URL('../../bin/dchat.js', import.meta.url).pathname}' version > /dev/full`
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
    })
    const [code] = await once(child, 'close')
    expect(code).toBe(1)
    expect(err).toContain('The disk of this profile is full')
  })

  test('--exec gets the message on stdin, and acknowledges it only if it succeeds', async () => {
    const seen = join(net.root, 'seen')
    await net.run('alice', 'send', 'bob', 'for the command')
    const failing = await net.run('bob', 'listen', '--chat', 'alice', '--exec', 'exit 3')
    expect(failing).toMatchObject({ code: 2, out: '' })
    expect(failing.err).toContain('ended with 3')
    const working = await net.run('bob', 'listen', '--chat', 'alice', '--limit', '4', '--exec', `cat >> '${seen}'`)
    expect(working).toMatchObject({ code: 0, err: '' })
    expect(jsonLines(await readFile(seen, 'utf8')).map(({ text }) => text)).toEqual([
      'SIGTERM',
      'SIGINT',
      'to nobody',
      'for the command',
    ])
  })
})

describe('the owner of the store ends while others work through it', () => {
  test('send --jsonl goes on with the next owner: every line once, in order', async () => {
    const owner = net.start('alice', 'listen', '--json')
    const count = 200
    const lines = Array.from({ length: count }, (_, n) =>
      JSON.stringify({ chat: 'bob', text: `over ${n}`, client_id: `o${n}` }),
    )
    const file = join(net.root, 'lines')
    await writeFile(file, `${lines.join('\n')}\n`)
    while ((await sockets('alice')).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    const cursor = String(jsonLines((await net.run('bob', 'read', 'alice', '--json')).out).at(-1)?.cursor)
    const sending = start(net.home('alice'), ['send', '--jsonl'], { input: `${lines.join('\n')}\n` })
    await sending.line()
    owner.child.kill('SIGKILL')
    const { code, out, err } = await sending.ended
    expect([code, err]).toEqual([0, ''])
    expect(jsonLines(out).map(({ line, ok }) => [line, ok])).toEqual(lines.map((_, n) => [n + 1, true]))
    const read = await net.run('bob', 'read', 'alice', '--since', cursor, '--limit', '1000', '--json')
    expect(
      jsonLines(read.out)
        .slice(0, -1)
        .map(({ text }) => text),
    ).toEqual(lines.map((_, n) => `over ${n}`))
  })
})

describe('a relay', () => {
  test('is tried with round-trip times', async () => {
    const { code, out } = await net.run('alice', 'relay', 'ping', net.relay, '--count', '2', '--json')
    expect(code).toBe(0)
    expect(jsonLines(out)).toMatchObject([
      { type: 'ping', relay: net.relay, ms: expect.any(Number) },
      { type: 'ping', version: expect.stringMatching(/\d+\.\d+/) },
      { type: 'end', count: 2 },
    ])
  })

  test('that comes back gets what was queued meanwhile, within the time that the sender waits', async () => {
    const data = join(net.root, 'second-relay')
    const first = start(net.home('r'), ['relay', 'serve', '--port', '0', '--data', data, '--json'])
    const { url } = JSON.parse((await first.line()) ?? '{}')
    await net.run('carol', 'init', '--relay', url)
    await net.run('dave', 'init', '--relay', url)
    const link = (await net.run('dave', 'invite')).out.trim()
    expect((await net.run('carol', 'send', link, 'one')).code).toBe(0)
    first.child.kill('SIGTERM')
    expect((await first.ended).code).toBe(143)
    const sending = net.start('carol', 'send', link, 'two', '--timeout', '50s')
    const port = new URL(url).port
    const second = start(net.home('r'), ['relay', 'serve', '--port', port, '--data', data, '--json'])
    await second.line()
    expect(await sending.ended).toMatchObject({ code: 0, err: '' })
    second.child.kill('SIGTERM')
    await second.ended
  })
})
