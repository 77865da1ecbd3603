import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ListingStock, Offer } from '@dchat/sdk'
import { createClient } from '@dchat/sdk'
import type { Act, Bargain, Done, Sale } from './bargains.ts'
import { BUYER, haggle, race, SELLER, sale } from './bargains.ts'
import type { Running } from './cli.ts'
import { dchat, start } from './cli.ts'
import { commands } from './commands.ts'
import type { Phoenix } from './phoenix.ts'
import { phoenix } from './phoenix.ts'
import { seededRandom } from './random.ts'

export interface OffersKillRunOptions {
  readonly seed: number
  readonly bargains: number
  readonly kills: number
}

/** A step as somebody's conversation shows it. */
export interface ShownStep {
  readonly offer: string
  readonly event: string
  readonly step: string
  readonly refused?: string
}

export interface Party {
  /** By id. */
  readonly offers: readonly Offer[]
  readonly steps: readonly ShownStep[]
  /** By deal: what it proves, for each one that was agreed. */
  readonly receipts: Readonly<Record<string, string>>
}

export interface OffersKillRun {
  readonly seller: Party
  readonly buyer: Party
  /** What commands said was done. */
  readonly done: readonly Done[]
  /** Of each listing, what its seller has left. */
  readonly sales: readonly { readonly listing: string; readonly stock: number; readonly left: ListingStock }[]
  readonly kills: Readonly<Record<string, number>>
}

/** Bargains that go on at once. */
const AT_ONCE = 3
/** ms for everybody to know everything once nobody dies any more. */
const PATIENCE = 60_000

const must = async (ended: ReturnType<typeof dchat>): Promise<string> => {
  const { code, out, err } = await ended
  if (code !== 0) throw new Error(`exit ${code}: ${err}`)
  return out
}

const bargainsOf = (seed: number, count: number): readonly Bargain[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, n) => {
    if (n % 3 === 0) return sale(random)
    return n % 3 === 1 ? haggle(random) : race()
  })
}

const isSale = (bargain: Bargain): bargain is Sale => 'stock' in bargain

const offersOf = async ({ offers }: Client): Promise<readonly Offer[]> => {
  const { items } = await offers.list({ limit: 1000 })
  return items.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

const stepsOf = async ({ conversations, messages }: Client): Promise<readonly ShownStep[]> => {
  const steps: ShownStep[] = []
  for (const { id } of (await conversations.list()).items)
    for (let before: string | undefined; ; ) {
      const page = await messages.list(id, { limit: 200, ...(before === undefined ? {} : { before }) })
      for (const { content } of page.items)
        if (content.type === 'offer') {
          const { offer, event, step, refused } = content
          steps.push({
            offer,
            event,
            step: typeof step === 'string' ? step : step.unknown,
            ...(refused === undefined ? {} : { refused }),
          })
        }
      before = page.next
      if (before === undefined) break
    }
  return steps.toSorted((a, b) => (a.event < b.event ? -1 : 1))
}

const partyOf = async (client: Client): Promise<Party> => {
  const offers = await offersOf(client)
  const receipts: Record<string, string> = {}
  for (const { id, deals } of offers)
    for (const { id: deal, agreedAt } of deals)
      if (agreedAt !== undefined)
        receipts[deal] = Buffer.from(await client.offers.receipt(id, { deal })).toString('base64')
  return { offers, steps: await stepsOf(client), receipts }
}

/** Until both know the same and nobody waits for anything. */
const settled = async (people: readonly Client[]): Promise<void> => {
  const end = performance.now() + PATIENCE
  for (;;) {
    for (const client of people) await client.sync({ timeout: PATIENCE })
    const all = await Promise.all(people.map(offersOf))
    const isDone = all.every((offers) =>
      offers.every(({ pending, deals }) => pending.length === 0 && deals.every(({ state }) => state !== 'pending')),
    )
    const [one, other] = all.map((offers) => JSON.stringify(offers))
    if ((isDone && one === other) || performance.now() > end) return
    await sleep(100)
  }
}

/**
 * A seller and a buyer, each a `listen`, over a relay. They make offers, counter, accept, withdraw, sell out of listings,
 * settle and cancel, each step by a command of its own; and a seeded choice of all these processes is killed with -9 and
 * started again.
 */
export const offersKillRun = async ({ seed, bargains: count, kills }: OffersKillRunOptions): Promise<OffersKillRun> => {
  const random = seededRandom(seed + 1)
  const root = await mkdtemp(join(tmpdir(), 'dchat-offers-kill-'))
  const home = (name: string): string => join(root, name)
  const serve = (port: string): Running =>
    start(home('hub'), ['relay', 'serve', '--port', port, '--data', join(root, 'relay'), '--json'])
  const processes: Phoenix[] = []
  // What an offer says no to stays so; one that is not known yet may come.
  const running = commands({ home, isFinal: (code) => code.startsWith('offer/') && code !== 'offer/unknown' })
  const clients: Client[] = []
  let over = false
  try {
    const first = serve('0')
    const { url } = JSON.parse((await first.line()) ?? '{}') as { url: string }
    try {
      const links = new Map<string, string>()
      for (const name of [SELLER, BUYER]) {
        await must(dchat(home(name), ['init', '--relay', url]))
        links.set(name, (await must(dchat(home(name), ['invite']))).trim())
      }
      for (const [name, other] of [
        [SELLER, BUYER],
        [BUYER, SELLER],
      ] as const)
        await must(dchat(home(name), ['contacts', 'add', links.get(other) ?? '', '--as', other]))
    } finally {
      first.child.kill('SIGKILL')
      await first.ended
    }
    processes.push(phoenix({ name: 'relay', begin: () => serve(new URL(url).port) }))
    for (const name of [SELLER, BUYER])
      processes.push(phoenix({ name: `${name}'s listen`, begin: () => start(home(name), ['listen', '--json']) }))

    const done: Done[] = []
    let outcomes = 0
    let keys = 0
    const act: Act = async (who, ...argv) => {
      keys += 1
      const outcome = await running.attempt(who, [...argv, '--client-id', `k${keys}`])
      outcomes += 1
      if (!outcome.ok || outcome.data.event === undefined) return outcome
      const { offer, event, step } = outcome.data as { offer: string; event: string; step: string }
      const stood: Done = { who, offer, event, step }
      done.push(stood)
      return { ...outcome, done: stood }
    }

    const bargains = bargainsOf(seed, count)
    const waiting = [...bargains]
    const bargain = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next.run(act)
    }
    const killAll = async (): Promise<void> => {
      const part = bargains.reduce((sum, { steps }) => sum + steps, 0) / kills
      for (let n = 0; n < kills; n += 1) {
        const at = Math.floor((n + random.next()) * part)
        while (outcomes < at && !over) await sleep(2)
        await sleep(random.whole(0, 300))
        while (!over) {
          const victim = random.whole(0, processes.length)
          if (
            victim === processes.length ? await running.killOne() : await processes[victim]?.kill(random.whole(0, 300))
          )
            break
          // Nothing runs any more that could be killed but these.
          await sleep(5)
        }
      }
    }
    await Promise.all([killAll(), ...Array.from({ length: AT_ONCE }, bargain)])
    await Promise.all(processes.slice(1).map((each) => each.stop('SIGTERM')))

    // What is left is what the processes stored.
    for (const name of [SELLER, BUYER]) {
      const client = await createClient({ store: join(home(name), 'data', 'default'), unlock: { keyFile: true } })
      clients.push(client)
      await client.connect()
    }
    await settled(clients)
    const [seller, buyer] = clients as [Client, Client]
    const sales = await Promise.all(
      bargains.filter(isSale).map(async ({ listing, stock }) => {
        const left = (await seller.listings.get(listing()))?.left[0]
        if (left === undefined) throw new Error('a listing is lost')
        return { listing: listing(), stock, left }
      }),
    )
    return {
      seller: await partyOf(seller),
      buyer: await partyOf(buyer),
      done,
      sales,
      kills: { ...Object.fromEntries(processes.map((each) => [each.name, each.kills()])), commands: running.kills() },
    }
  } catch (error) {
    const troubles = processes.flatMap((each) => each.troubles())
    throw new Error([error instanceof Error ? error.message : String(error), ...troubles].join('\n'), { cause: error })
  } finally {
    over = true
    running.stop()
    await Promise.all(clients.map((client) => client.close()))
    await Promise.all(processes.map((each) => each.stop('SIGKILL')))
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  }
}
