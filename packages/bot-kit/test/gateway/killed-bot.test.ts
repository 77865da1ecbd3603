import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startTestRelay } from '@dchat/relay/testing'
import { type Client, createClient, createIdentity, type Message, parseInvite } from '@dchat/sdk'
import { build } from 'esbuild'
import { Webhook as Official } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWebhookSecret } from '../../src/webhooks/keys.ts'
import { listen, type Received } from '../support/http.ts'

/** Kills; the soak sets more. */
const KILLS = Number(process.env.BOT_KILLS ?? 10)
const SEED = Number(process.env.BOT_SEED ?? 7)
const PEOPLE = 5
/** More than all lives before the last one can handle: each event takes eight steps, and a life has at most 24. */
const MESSAGES = Math.ceil((3 * KILLS + 5) / PEOPLE)

const folder = mkdtempSync(join(tmpdir(), 'dchat-killed-bot-'))
const program = join(import.meta.dirname, `../../node_modules/.dchat-killed-bot-${process.pid}.mjs`)
const secret = createWebhookSecret()
const closing: (() => Promise<unknown>)[] = []
let child: ChildProcess | undefined
beforeAll(async () => {
  const entryPoints = [join(import.meta.dirname, 'killed-bot-child.ts')]
  // The client is the built one.
  const options = { bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external' } as const
  await build({ ...options, entryPoints, outfile: program })
})
afterAll(async () => {
  child?.kill('SIGKILL')
  for (const close of closing.reverse()) await close()
  rmSync(folder, { recursive: true, force: true })
  rmSync(program, { force: true })
})

interface Told {
  readonly data: { readonly conversation: { readonly id: string }; readonly message: { readonly text: string } }
}

type Chat = Awaited<ReturnType<Client['conversations']['dm']>>

const textOf = ({ content }: { readonly content: { readonly type: string; readonly text?: string } }) => content.text

const allOf = async ({ messages }: Client, { id }: Chat): Promise<readonly Message[]> => {
  const all: Message[] = []
  let before: string | undefined
  do {
    const page = await messages.list(id, { limit: 100, ...(before !== undefined && { before }) })
    all.push(...page.items)
    before = page.next
  } while (before !== undefined)
  return all
}

test(`a bot is killed ${KILLS} times at any step: every message is handled, in order, and answered once`, {
  timeout: 300_000 + 60_000 * KILLS,
}, async () => {
  const relay = await startTestRelay()
  closing.push(() => relay.close())
  const handled = new Map<string, string[]>()
  const unverified: unknown[] = []
  const server = await listen(({ headers, body }: Received, response) => {
    try {
      const { data } = new Official(secret).verify(body, headers) as Told
      handled.set(data.conversation.id, [...(handled.get(data.conversation.id) ?? []), data.message.text])
      const actions = [{ do: 'send', client_id: 'answer', text: `got ${data.message.text}` }]
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ v: 1, actions }))
    } catch (error) {
      unverified.push(error)
      response.writeHead(401).end()
    }
  })
  closing.push(() => server.close())

  /** Starts the bot; `line` is its invite. */
  const live = (steps: number) => {
    const args = [program, folder, relay.url, server.url, secret, `${steps}`]
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    child = started
    const line = once(createInterface({ input: started.stdout }), 'line').then(([text]) => text as string)
    line.catch(() => undefined)
    const ended = once(started, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
    const stop = async () => {
      started.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
    }
    return { line, ended, stop }
  }

  const first = live(0)
  const { address, relays } = parseInvite(await first.line)
  await first.stop()

  const people: { readonly client: Client; readonly chat: Chat; readonly texts: readonly string[] }[] = []
  for (let person = 0; person < PEOPLE; person += 1) {
    const options = { identity: createIdentity(), relays: [relay.url], store: ':memory:', strangers: 'allow' } as const
    const client = await createClient(options)
    closing.push(() => client.close())
    await client.connect()
    const chat = await client.conversations.dm(address, { relays })
    const texts = Array.from({ length: MESSAGES }, (_, at) => `${person}/${at}`)
    for (const text of texts) await chat.send(text)
    people.push({ client, chat, texts })
  }

  let seed = SEED
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return 1 + Math.floor((seed / 2 ** 31) * below)
  }
  for (let kill = 0; kill < KILLS; kill += 1) expect(await live(random(24)).ended).toEqual([null, 'SIGKILL'])

  const last = live(0)
  await Promise.all(
    people.map(async ({ client, texts }) => {
      const awaited = new Set(texts.map((text) => `got ${text}`))
      for await (const message of client.messages.stream()) {
        awaited.delete(textOf(message) ?? '')
        if (awaited.size === 0) return
      }
    }),
  )
  await last.stop()

  expect(unverified).toEqual([])
  for (const { client, chat, texts } of people) {
    const answers = (await allOf(client, chat)).filter(({ from }) => from === address).map(textOf)
    expect(answers.filter((text) => text !== undefined).toReversed()).toEqual(texts.map((text) => `got ${text}`))
  }
  const conversations = [...handled.values()]
  expect(conversations).toHaveLength(PEOPLE)
  for (const told of conversations) {
    // What is told again is told before anything newer is.
    const once = told.filter((text, at) => text !== told[at - 1])
    const [person] = (once[0] as string).split('/')
    expect(once).toEqual(people[Number(person)]?.texts)
  }
})
