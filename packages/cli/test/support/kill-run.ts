import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { dchat, jsonLines, start } from './cli.ts'
import type { Death, Mortal } from './mortal.ts'
import { mortal } from './mortal.ts'
import type { Random } from './random.ts'
import { seededRandom } from './random.ts'

export interface KillRunOptions {
  readonly seed: number
  readonly lines: number
  /** Deaths of the sender, the relay and the receiver each. */
  readonly kills: number
}

export interface Result {
  readonly client_id?: string
  readonly id?: string
  readonly ok?: boolean
}

export interface Said {
  readonly id: string
  readonly text: string
}

export interface KillRun {
  readonly texts: readonly string[]
  /** Every result line of every life of the sender, in the order in which they were printed. */
  readonly results: readonly Result[]
  /** What `listen` printed over all its lives. */
  readonly heard: readonly Said[]
  /** What `read` shows of the receiver's and of the sender's store, and the lines of a last run of the same input. */
  readonly received: readonly Said[]
  readonly sent: readonly (Said & { readonly state: string })[]
  readonly again: readonly Result[]
  readonly kills: { readonly sender: number; readonly relay: number; readonly receiver: number }
}

/** At moments all over the run, each somewhat after a line went through. */
const deaths = (random: Random, count: number, lines: number, delay: number): Death[] =>
  Array.from({ length: count }, () => random.whole(0, lines - 1))
    .sort((a, b) => a - b)
    .map((at) => ({ at, delay: random.whole(0, delay), pause: random.whole(0, 400) }))

/** ms for what was sent to be heard. */
const PATIENCE = 60_000

const must = async (ended: ReturnType<typeof dchat>): Promise<string> => {
  const { code, out, err } = await ended
  if (code !== 0) throw new Error(`exit ${code}: ${err}`)
  return out
}

const messages = <T>(out: string): T[] => jsonLines(out).filter(({ type }) => type === 'message') as T[]

/**
 * `send --jsonl` with fixed client ids to a `listen --json`, over a relay: each of the three is killed with -9 at seeded
 * moments and started again. The first contact happens under the killing, too.
 */
export const killRun = async ({ seed, lines, kills }: KillRunOptions): Promise<KillRun> => {
  const random = seededRandom(seed)
  const root = await mkdtemp(join(tmpdir(), 'dchat-kill-'))
  const [alice, bob, hub] = ['alice', 'bob', 'hub'].map((name) => join(root, name)) as [string, string, string]
  const fates = {
    relay: deaths(random, kills, lines, 150),
    receiver: deaths(random, kills, lines, 150),
    // The last one stands between the last result and the exit.
    sender: [...deaths(random, kills - 1, lines, 60), { at: lines, delay: 0, pause: 0 }],
  }
  const all: Pick<Mortal, 'ended' | 'stop'>[] = []
  const living = (one: Mortal): Mortal => {
    all.push(one)
    return one
  }
  try {
    const serve = (port: string) =>
      start(hub, ['relay', 'serve', '--port', port, '--data', join(root, 'relay'), '--json'])
    const first = serve('0')
    all.push({ ended: first.ended, stop: (signal) => void first.child.kill(signal) })
    const { url } = JSON.parse((await first.line()) ?? '{}') as { url: string }
    for (const home of [alice, bob]) await must(dchat(home, ['init', '--relay', url]))
    for (const [home, other, name] of [
      [alice, bob, 'bob'],
      [bob, alice, 'alice'],
    ] as const)
      await must(dchat(home, ['contacts', 'add', (await must(dchat(other, ['invite']))).trim(), '--as', name]))
    first.child.kill('SIGKILL')
    await first.ended

    const texts = Array.from({ length: lines }, (_, n) => `line ${n} of seed ${seed}`)
    const input = `${texts.map((text, n) => JSON.stringify({ chat: 'bob', text, client_id: `c${n}` })).join('\n')}\n`
    const results: Result[] = []
    const confirmed = new Set<string>()
    const heard: Said[] = []
    const known = new Set<string>()
    /** Result lines of the sender's present life. */
    let printed = 0
    const port = new URL(url).port

    const relay = living(
      mortal({ begin: () => serve(port), line: () => {}, progress: () => confirmed.size, deaths: fates.relay }),
    )
    const receiver = living(
      mortal({
        begin: () => start(bob, ['listen', '--json']),
        line: (line) => {
          const { type, id, text } = JSON.parse(line) as Said & { readonly type: string }
          if (type !== 'message') return
          heard.push({ id, text })
          known.add(id)
        },
        progress: () => known.size,
        deaths: fates.receiver,
      }),
    )
    const sender = living(
      mortal({
        begin: () => {
          printed = 0
          return start(alice, ['send', '--jsonl'], { input })
        },
        line: (line) => {
          printed += 1
          const result = JSON.parse(line) as Result
          results.push(result)
          if (result.ok && result.client_id !== undefined) confirmed.add(result.client_id)
        },
        progress: () => (printed === lines ? lines : Math.min(confirmed.size, lines - 1)),
        deaths: fates.sender,
      }),
    )

    const done = await sender.ended
    if (done.code !== 0) throw new Error(`the sender ended with ${done.code}: ${done.err}`)
    if (confirmed.size < lines) throw new Error(`only ${confirmed.size} of ${lines} lines were confirmed`)
    const patience = performance.now() + PATIENCE
    while (known.size < lines && performance.now() < patience) await sleep(20)
    if (known.size < lines) throw new Error(`only ${known.size} of ${lines} lines were heard`)
    await Promise.all([relay.survived, receiver.survived])
    receiver.stop('SIGTERM')
    await receiver.ended

    const count = ['--limit', String(Math.min(10_000, lines * 2))]
    const received = messages<KillRun['received'][number]>(
      await must(dchat(bob, ['read', 'alice', ...count, '--json'])),
    )
    const sent = messages<KillRun['sent'][number]>(await must(dchat(alice, ['read', 'bob', ...count, '--json'])))
    const again = jsonLines(await must(dchat(alice, ['send', '--jsonl'], { input }))) as Result[]
    relay.stop('SIGTERM')
    await relay.ended
    return {
      texts,
      results,
      heard,
      received,
      sent,
      again,
      kills: { sender: sender.kills(), relay: relay.kills(), receiver: receiver.kills() },
    }
  } finally {
    for (const one of all) one.stop('SIGKILL')
    await Promise.all(all.map(({ ended }) => ended))
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  }
}
