import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { type Client, createClient, createIdentity, verifyReceipt } from '../packages/sdk/src/index.ts'
import { demonstrations, row } from './lib/demonstrations.ts'
import { shellCommands } from './lib/shell.ts'
import { root } from './lib/tree.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dchat-start-'))
const data = join(scratch, 'data')
const env = { PATH: process.env.PATH, HOME: scratch, DCHAT_HOME: join(scratch, 'home') }
const { start, end } = demonstrations(data, env)

afterAll(async () => {
  await end()
  rmSync(scratch, { recursive: true, force: true })
})

const exchange = async () => {
  const { code, out, err } = await start('--once').ended
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

interface Suggested {
  readonly relays: readonly { readonly url: string }[]
  readonly guide: string
}

/** What a page gets that reached this machine by another name. */
const statusFor = (url: string, host: string) =>
  new Promise((resolve, reject) => {
    get(url, { headers: { host } }, ({ statusCode }) => resolve(statusCode)).on('error', reject)
  })

/** Asks for less than the guide gives, then for what it takes. Resolves to the offer that was agreed. */
const haggleWithGuide = async (client: Client): Promise<string> => {
  const answered = new Set<string>()
  for await (const { author, deals, head, history, id, state, terms } of client.offers.stream()) {
    if (deals.some((deal) => deal.state === 'agreed')) return id
    if (state !== 'open' || author === client.address || answered.has(head)) continue
    answered.add(head)
    const minor = history.length === 1 ? '500' : '950'
    await client.offers.counter(id, { price: { total: { ...terms.price.total, minor } } }, { head })
  }
  throw new Error('The offers ended without a deal.')
}

describe('npm start', () => {
  let guide = ''

  test('--once shows a message, what the relay saw of it, and its answer, then ends', async () => {
    const out = await exchange()
    guide = row(out, 'Guide')
    expect(row(out, 'Relay')).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/)
    expect(guide).toMatch(/^dchat1[a-z0-9]{40,}$/)
    expect(row(out, 'Visitor')).toMatch(/^dchat1[a-z0-9]{40,}$/)
    const [written, answered] = [...out.matchAll(/^ {2}Text +(.+)$/gm)].map((match) => match[1])
    expect(written).toMatch(/[0-9a-f]{16}$/)
    expect(answered).toContain(`"${written}"`)
    expect(row(out, 'Topic')).toMatch(/^[0-9a-f]{64}$/)
    expect(row(out, 'Sequence number')).toBe('2')
    expect(row(out, 'Kind')).toBe('application')
    expect(row(out, 'Epoch')).toMatch(/^\d+$/)
    expect(row(out, 'Size')).toMatch(/^(256|1024|4096) bytes/)
    expect(Date.parse(row(out, 'Accepted'))).toBeGreaterThan(Date.now() - 120_000)
    expect(row(out, 'First bytes')).toMatch(/^([0-9a-f]{2} ){24}…$/)
    expect(out).toContain('the encrypted body was found, the text was not found.')
    expect(row(out, 'Round trip')).toMatch(/^\d+\.\d ms/)
    expect(out).not.toContain('\u001b')
  })

  test('the guide has the same address the next time', async () => {
    expect(row(await exchange(), 'Guide')).toBe(guide)
  })

  test('stays up, and a second terminal joins with the commands that it prints', async () => {
    const demonstration = start()
    const out = await demonstration.until('Ctrl-C ends')
    const code = out.split('\n').filter((line) => /^ {2}(cd|node) /.test(line))
    const [cd, ...commands] = shellCommands({
      page: 'npm start',
      line: 1,
      language: 'sh',
      marks: [],
      code: code.join('\n'),
    })
    const cwd = cd?.words[1]
    expect(`${cwd}/`).toBe(root)
    const dchat = async (words: readonly string[]): Promise<string> => {
      const [program, ...args] = words
      expect(program).toBe('node')
      return (await promisify(execFile)(process.execPath, args, { cwd, env, timeout: 60_000 })).stdout
    }
    for (const { words } of commands) await dchat(words.includes('listen') ? [...words, '--limit', '1'] : words)
    const read = ['node', 'packages/cli/bin/dchat.js', 'read', '--profile', 'me', 'guide', '--json']
    const messages = (await dchat(read))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    expect(messages).toContainEqual(expect.objectContaining({ own: true, text: 'hello' }))
    expect(messages).toContainEqual(
      expect.objectContaining({ from: guide, name: 'guide', text: expect.stringContaining('"hello"') }),
    )
    expect(commands.map(({ words }) => words[2])).toEqual(['init', 'contacts', 'send', 'listen'])
    demonstration.child.kill('SIGTERM')
    expect((await demonstration.ended).code).toBe(143)
  })

  test('serves the app with the relay and the guide suggested, and the guide haggles until a receipt is signed', async () => {
    const demonstration = start()
    const url = row(await demonstration.until('Ctrl-C ends'), 'In a browser')
    const page = await fetch(url)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toContain('<title>dchat</title>')
    expect((await fetch(`${url}..%2f..%2fpackage.json`)).status).toBe(404)
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
    expect(await statusFor(url, 'evil.example')).toBe(404)
    const { relays, guide } = (await (await fetch(`${url}suggestions.json`)).json()) as Suggested

    const identity = createIdentity()
    const client = await createClient({ identity, store: ':memory:', relays: relays.map((relay) => relay.url) })
    await client.connect()
    const { address } = await client.contacts.add(guide)
    const chat = await client.conversations.dm(address)
    const hello = await chat.send('Hello')
    const receipt = await client.offers.receipt(await haggleWithGuide(client))
    const { parties, steps } = await verifyReceipt(receipt)
    expect(parties).toEqual(expect.arrayContaining([client.address, address]))
    expect(steps.map(({ event }) => event.type)).toEqual(['propose', 'counter', 'counter', 'counter', 'accept'])
    const { items } = await client.messages.list(chat.id, { limit: 50 })
    expect(items.find(({ id }) => id === hello.id)?.reactions).toMatchObject([{ emoji: '👋', from: [address] }])
    expect(items.find(({ content }) => content.type === 'text' && content.replyTo === hello.id)).toMatchObject({
      content: { text: expect.stringMatching(/^Hello, I am the guide/) },
    })
    await client.close()
    demonstration.child.kill('SIGTERM')
    expect((await demonstration.ended).code).toBe(143)
  })

  test('wrong use gets one sentence and exit code 2', async () => {
    const { code, out, err } = await start('--prot', '1').ended
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('--help')
  })
})
