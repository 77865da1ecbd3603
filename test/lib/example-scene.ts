import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { createRelay } from '../../packages/relay/src/index.ts'
import { type Client, createClient, createIdentity, type Message, parseInvite } from '../../packages/sdk/src/index.ts'
import { root } from './tree.ts'

type Settings = Readonly<Record<string, string>>

/** A program of an example that is at work. */
export interface Started {
  readonly child: ChildProcess
  /** What it printed when it was ready: an invite, or an address. */
  readonly told: string
}

/** Somebody with a client, and programs of `examples` in an empty folder. */
type ExampleScene = Awaited<ReturnType<typeof exampleScene>>

export const textOf = ({ content }: Message): string => (content.type === 'text' ? content.text : content.type)

const exampleScene = async (relay: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'dchat-examples-'))
  const alice: Client = await createClient({ identity: createIdentity(), relays: [relay], store: ':memory:' })
  await alice.connect()
  const started: ChildProcess[] = []
  const fileOf = (path: string) => join(root, 'examples', path)
  const envOf = (settings: Settings) => ({ ...process.env, RELAY: relay, ...settings })

  /** Starts a program by its path and arguments; resolves when it has printed its first line. */
  const start = async (
    [path = '', ...args]: readonly string[],
    settings: Settings,
    program = [process.execPath],
  ): Promise<Started> => {
    const [command = '', ...before] = program
    const child = spawn(command, [...before, fileOf(path), ...args], {
      cwd: folder,
      env: envOf(settings),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.push(child)
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${path} ended with ${code} before it was ready`)
    })
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string]
    ended.catch(() => undefined)
    return { child, told: line.replace(/^(Write to me:|Listening on) /, '') }
  }

  /** Runs a program to its end; rejects with what it said where it fails. */
  const run = ([path = '', ...args]: readonly string[], settings: Settings) =>
    promisify(execFile)(process.execPath, [fileOf(path), ...args], { cwd: folder, env: envOf(settings) })

  /** Begins a conversation with a bot: says something, resolves to what comes next. */
  const talk = async (invite: string) => {
    await alice.contacts.add(invite)
    const { address, relays } = parseInvite(invite)
    const chat = await alice.conversations.dm(address, { relays })
    const messages = alice.messages.stream()[Symbol.asyncIterator]()
    const next = async (): Promise<Message> => {
      const { value } = await messages.next()
      return value === undefined || value.content.type === 'notice' ? next() : value
    }
    return {
      chat,
      next,
      say: async (text: string) => {
        await chat.send(text)
        return next()
      },
    }
  }

  const close = async (): Promise<void> => {
    for (const child of started) child.kill('SIGKILL')
    await alice.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { alice, start, run, talk, close }
}

/** A relay for all tests of a file, and a scene of its own for each; call it for the present one. */
export const exampleScenes = (): (() => ExampleScene) => {
  let relay: Awaited<ReturnType<typeof createRelay>>
  let scene: ExampleScene
  beforeAll(async () => {
    relay = await createRelay()
  })
  afterAll(() => relay.close())
  beforeEach(async () => {
    scene = await exampleScene(relay.url)
  })
  afterEach(() => scene.close())
  return () => scene
}
