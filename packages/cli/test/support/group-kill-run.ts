import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from './cli.ts'
import { dchat, jsonLines, start } from './cli.ts'
import { commands } from './commands.ts'
import type { Phoenix } from './phoenix.ts'
import { phoenix } from './phoenix.ts'
import { seededRandom } from './random.ts'
import { contains, filesBelow } from './traces.ts'

export interface GroupKillRunOptions {
  readonly seed: number
  /** Of each of the three members who stay. */
  readonly lines: number
  readonly kills: number
}

/** What `read --json` shows of one message. */
export type Shown = Readonly<Record<string, unknown>> & { readonly id: string; readonly text: string }

export interface GroupInfoShown {
  readonly name: string
  readonly timer: number
  readonly epoch: number
  readonly term: number
  readonly pins: readonly string[]
  readonly members: readonly { readonly address: string; readonly role: string }[]
}

export interface Acknowledged {
  readonly from: string
  readonly id: string
  readonly text: string
}

export interface GroupKillRun {
  /** By member who stayed: everything from the first line on. */
  readonly read: Readonly<Record<string, readonly Shown[]>>
  readonly info: Readonly<Record<string, GroupInfoShown>>
  /** Every line that any life of any sender printed as done. */
  readonly acknowledged: readonly Acknowledged[]
  readonly wanted: { readonly name: string; readonly roles: Readonly<Record<string, string>>; readonly lines: number }
  /** What changed while everything died: how often each kind of command came to its end. */
  readonly changes: Readonly<Record<string, number>>
  /** What the one who was removed last can read of what was said afterwards. */
  readonly leaked: readonly string[]
  /** Files of the relay in which the marker stands. */
  readonly marked: readonly string[]
  readonly kills: Readonly<Record<string, number>>
}

const STAY = ['alice', 'bob', 'carol'] as const
const COMES_AND_GOES = 'dave'
const EVERYONE = [...STAY, COMES_AND_GOES]
/** Of one message; an attempt whose answer was lost may count twice, and a message bears a hundred. */
const EDITS = 40

const must = async (ended: ReturnType<typeof dchat>): Promise<string> => {
  const { code, out, err } = await ended
  if (code !== 0) throw new Error(`exit ${code}: ${err}`)
  return out
}

/** A member's `send --jsonl`: lines are let out bit by bit, and a new life gets all of them again from the first. */
const sender = (
  home: string,
  group: string,
  texts: readonly string[],
  acknowledge: (text: string, id: string) => void,
) => {
  let released = 0
  let fed = 0
  let life: Running | undefined
  const done = new Set<string>()
  const feed = (): void => {
    if (life === undefined) return
    const stdin = life.child.stdin
    for (; fed < released; fed += 1)
      stdin.write(`${JSON.stringify({ chat: group, text: texts[fed], client_id: `c${fed}` })}\n`)
    if (fed === texts.length && !stdin.writableEnded) stdin.end()
  }
  return {
    begin: (): Running => {
      life = start(home, ['send', '--jsonl'])
      fed = 0
      feed()
      return life
    },
    line: (line: string): void => {
      const { ok, id, client_id } = JSON.parse(line) as { ok: boolean; id: string; client_id: string }
      if (!ok) return
      done.add(client_id)
      acknowledge(texts[Number(client_id.slice(1))] ?? '', id)
    },
    release: (count: number): void => {
      released = Math.min(texts.length, Math.max(released, count))
      feed()
    },
    progress: () => done.size,
    isDone: () => done.size === texts.length,
  }
}

/**
 * Four people in a group over a relay, each a `listen` and three of them a `send --jsonl` beside it. While lines travel,
 * one person comes and goes, the group is renamed, roles change, messages are edited, reacted to and pinned; and a seeded
 * choice of all these processes, the relay among them, is killed with -9 and started again.
 */
export const groupKillRun = async ({ seed, lines, kills }: GroupKillRunOptions): Promise<GroupKillRun> => {
  const random = seededRandom(seed)
  const marker = `marigold-${seed}-harvest`
  const root = await mkdtemp(join(tmpdir(), 'dchat-group-kill-'))
  const home = (name: string): string => join(root, name)
  const relayFolder = join(root, 'relay')
  const serve = (port: string): Running =>
    start(home('hub'), ['relay', 'serve', '--port', port, '--data', relayFolder, '--json'])
  const processes: Phoenix[] = []
  const { insist, ...running } = commands({ home })
  let finished = false
  let over = false

  try {
    const first = serve('0')
    const { url } = JSON.parse((await first.line()) ?? '{}') as { url: string }
    const port = new URL(url).port
    const addresses = new Map<string, string>()
    const addressOf = (name: string): string => addresses.get(name) ?? ''
    const links = new Map<string, string>()
    try {
      for (const name of EVERYONE) {
        addresses.set(name, JSON.parse(await must(dchat(home(name), ['init', '--relay', url, '--json']))).data.address)
        links.set(name, (await must(dchat(home(name), ['invite']))).trim())
      }
      for (const name of EVERYONE.slice(1))
        await must(dchat(home('alice'), ['contacts', 'add', links.get(name) ?? '', '--as', name]))
    } finally {
      first.child.kill('SIGKILL')
      await first.ended
    }

    const relay = phoenix({ name: 'relay', begin: () => serve(port) })
    processes.push(relay)
    const listener = (name: string): Phoenix =>
      phoenix({ name: `${name}'s listen`, begin: () => start(home(name), ['listen', '--json']) })
    for (const name of EVERYONE) processes.push(listener(name))

    const made = await insist('alice', ['group', 'create', `${marker} 0`, 'bob', 'carol'])
    const group = made.chat as string
    for (const name of ['bob', 'carol']) await insist(name, ['group', 'accept', group])
    await insist('alice', ['group', 'role', group, 'bob', 'admin'])

    const acknowledged: Acknowledged[] = []
    const texts = (name: string): string[] => Array.from({ length: lines }, (_, n) => `${marker} ${name} ${n}`)
    const senders = STAY.map((name) => {
      const from = addressOf(name)
      return { name, ...sender(home(name), group, texts(name), (text, id) => acknowledged.push({ from, id, text })) }
    })
    for (const { name, begin, line, isDone } of senders)
      processes.push(phoenix({ name: `${name}'s send`, begin, line, isDone }))
    const progress = (): number => senders.reduce((sum, each) => sum + each.progress(), 0)

    const changes: Record<string, number> = {}
    const did = (what: string): void => {
      changes[what] = (changes[what] ?? 0) + 1
    }
    const wanted = { name: `${marker} 0`, carol: 'member' }
    const change = async (name: string, ...argv: string[]): Promise<Record<string, unknown>> => {
      const data = await insist(name, argv)
      did(argv[0] === 'group' ? `group ${argv[1]}` : (argv[0] ?? ''))
      return data
    }

    /** Alice: who is in, and in which role. The last round ends with Dave outside. */
    const members = async (): Promise<void> => {
      for (let round = 0; round === 0 || !finished; round += 1) {
        await change('alice', 'group', 'add', group, 'dave')
        await change('dave', 'group', 'accept', group)
        const text = `${marker} dave ${round}`
        const sent = await change('dave', 'send', group, text, '--client-id', `d${round}`)
        acknowledged.push({ from: addressOf('dave'), id: sent.id as string, text })
        wanted.carol = round % 2 === 0 ? 'admin' : 'member'
        await change('alice', 'group', 'role', group, links.get('carol') ?? '', wanted.carol)
        await change('alice', 'group', 'remove', group, 'dave')
      }
    }
    /** Bob, an admin: how it is called, at the same time. */
    const names = async (): Promise<void> => {
      for (let round = 1; round === 1 || !finished; round += 1) {
        const name = `${marker} ${round}`
        await change('bob', 'group', 'rename', group, name)
        wanted.name = name
        await sleep(50)
      }
    }
    /** Carol: what becomes of messages. */
    const life = async (): Promise<void> => {
      const from = addressOf('carol')
      const edits = new Map<string, number>()
      for (let round = 0; round === 0 || !finished; round += 1) {
        const any = await newest(() => true)
        await change('carol', 'react', any, ['+1', 'ok', 'hm'][round % 3] as string)
        const own = await newest((one) => one.from === from)
        const edited = (edits.get(own) ?? 0) + 1
        edits.set(own, edited)
        if (edited > EDITS) await sleep(100)
        else await change('carol', 'edit', own, `${marker} edited ${round}`)
      }
    }
    const newest = async (wants: (one: Acknowledged) => boolean): Promise<string> => {
      for (;;) {
        const found = acknowledged.findLast(wants)
        if (found !== undefined || over) return found?.id ?? ''
        await sleep(20)
      }
    }

    /** Lets lines out bit by bit and kills one of all in each bit. */
    const killAll = async (): Promise<void> => {
      const bit = (3 * lines) / kills
      for (let n = 0; n < kills; n += 1) {
        for (const { release } of senders) release(Math.ceil((lines * (n + 1)) / kills))
        const at = Math.floor(n * bit + random.next() * bit)
        while (progress() < at && !over) await sleep(2)
        await sleep(random.whole(0, 150))
        while (!over) {
          const victim = random.whole(0, processes.length)
          const pause = random.whole(0, 300)
          if (victim < processes.length) {
            if (await processes[victim]?.kill(pause)) break
          } else if (await running.killOne()) break
          await sleep(5)
        }
      }
      finished = true
    }

    await Promise.all([killAll(), members(), names(), life()])
    await Promise.all(processes.filter(({ name }) => name.endsWith('send')).map(({ over }) => over))
    const last = `${marker} after dave was removed`
    const { id } = await insist('alice', ['send', group, last])
    acknowledged.push({ from: addressOf('alice'), id: id as string, text: last })
    await Promise.all(processes.filter(({ name }) => name.endsWith('listen')).map((each) => each.stop('SIGTERM')))

    const read = async (name: string): Promise<Shown[]> => {
      const out = await must(dchat(home(name), ['read', group, '--limit', '10000', '--json']))
      return jsonLines(out).filter(({ type }) => type === 'message') as Shown[]
    }
    const result: Record<string, readonly Shown[]> = {}
    const info: Record<string, GroupInfoShown> = {}
    for (const name of STAY) {
      const all = await read(name)
      result[name] = all.slice(all.findIndex(({ format }) => format !== 'notice'))
      info[name] = JSON.parse(await must(dchat(home(name), ['group', 'info', group, '--json']))).data
    }
    const leaked = (await read(COMES_AND_GOES)).map(({ text }) => text).filter((text) => text.includes(last))
    await relay.stop('SIGTERM')
    const files = await filesBelow(relayFolder)
    const marked = [...files].filter(([, bytes]) => contains(bytes, marker)).map(([path]) => path)
    return {
      read: result,
      info,
      acknowledged,
      wanted: {
        name: wanted.name,
        roles: { [addressOf('alice')]: 'owner', [addressOf('bob')]: 'admin', [addressOf('carol')]: wanted.carol },
        lines: 3 * lines,
      },
      changes,
      leaked,
      marked,
      kills: { ...Object.fromEntries(processes.map((each) => [each.name, each.kills()])), commands: running.kills() },
    }
  } catch (error) {
    const troubles = processes.flatMap((each) => each.troubles())
    throw new Error([error instanceof Error ? error.message : String(error), ...troubles].join('\n'), { cause: error })
  } finally {
    over = true
    finished = true
    running.stop()
    await Promise.all(processes.map((each) => each.stop('SIGKILL')))
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  }
}
