import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Address, type Client, isDchatError } from '../../src/index.ts'
import type { RelayLink } from '../../src/ports/transport.ts'
import type { Sim, SimDevice, SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { say, textsOf, world } from './world.ts'

const NAMES = ['one', 'two', 'three', 'four'] as const
/** The friend's own relay, which stays up: what is tested is where Ann is at home. */
const STEADY = 'steady'

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('add', 'remove', 'use'),
      relay: fc.integer({ min: 0, max: NAMES.length - 1 }),
      device: fc.integer({ min: 0, max: 1 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('kill', 'revive'),
      relay: fc.integer({ min: 0, max: NAMES.length - 1 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('write') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait') }) },
)
type Action = { readonly kind: string; readonly relay?: number; readonly device?: number }

/** What a change may be refused with: the bounds, and relays that do not answer. */
const REFUSALS = ['usage/invalid-argument', 'relay/no-home', 'transport/unreachable'] as const

class Home {
  readonly sim: Sim
  readonly relays: readonly SimRelay[]
  readonly ann: SimPerson
  readonly devices: readonly SimDevice[]
  readonly ben: SimPerson
  readonly written: string[] = []

  constructor(sim: Sim, relays: readonly SimRelay[], ann: SimPerson, devices: readonly SimDevice[], ben: SimPerson) {
    this.sim = sim
    this.relays = relays
    this.ann = ann
    this.devices = devices
    this.ben = ben
  }

  static async open(seed: number): Promise<Home> {
    const sim = world(`homes ${seed}`)
    const steady = await sim.relay(STEADY)
    const relays: SimRelay[] = []
    for (const name of NAMES) relays.push(await sim.relay(name))
    const ann = await sim.person('ann', { relays: relays.slice(0, 1) })
    const second = await sim.device(ann, '2')
    const ben = await sim.person('ben', { relays: [steady] })
    await sim.finish(ben.client.contacts.add(ann.client.invite()))
    const home = new Home(sim, relays, ann, [ann.device, second], ben)
    await home.write()
    await home.hasAll()
    return home
  }

  get clients(): readonly Client[] {
    return this.devices.map(({ client }) => client)
  }

  async write(): Promise<void> {
    const text = `message ${this.written.length}`
    this.written.push(text)
    await say(this.sim, this.ben.client, this.ann, text)
  }

  /** Both devices have everything that the friend wrote, in order. */
  async hasAll(): Promise<void> {
    const all = this.written.join()
    await this.sim.until(async () => {
      for (const client of this.clients) if ((await textsOf(client)).join() !== all) return false
      return true
    }, 30 * 60_000)
  }

  async do({ kind, relay = 0, device = 0 }: Action): Promise<void> {
    const { sim } = this
    const at = this.relays[relay] as SimRelay
    switch (kind) {
      case 'kill':
        if (at.isUp) at.crash()
        return
      case 'revive':
        if (!at.isUp) await at.restart()
        return
      case 'write':
        return this.write()
      case 'wait':
        return sim.run(60_000)
      default:
        return this.change(kind as 'add' | 'remove' | 'use', at, this.clients[device] as Client)
    }
  }

  async change(verb: 'add' | 'remove' | 'use', { url }: SimRelay, client: Client): Promise<void> {
    try {
      const now = await this.sim.finish(client.homeRelays[verb](url))
      expect(now).toEqual(client.relays())
      expect(now.includes(url)).toBe(verb !== 'remove')
      if (verb === 'use') expect(now[0]).toBe(url)
    } catch (error) {
      if (!isDchatError(error) || !REFUSALS.some((code) => code === error.code)) throw error
    }
    for (const each of this.clients) expect([1, 2, 3]).toContain(each.relays().length)
  }

  /** Everything is up again: both devices and all home relays say the same, and a stranger finds both devices there. */
  async settles(): Promise<void> {
    const { sim, ann } = this
    for (const relay of this.relays) if (!relay.isUp) await relay.restart()
    const [one, two] = this.clients as readonly [Client, Client]
    await sim.until(() => one.relays().join() === two.relays().join(), 30 * 60_000)
    await this.write()
    await this.hasAll()
    await sim.settle()
    const { address } = ann.identity
    for (const url of one.relays())
      await this.#hasAll(ann.device.link(this.relays.find((relay) => relay.url === url) as SimRelay), address)
  }

  /** A home relay has the whole log, and key packages of both devices; one that was away gets them within minutes. */
  async #hasAll(link: RelayLink, address: Address): Promise<void> {
    const look = async () => {
      const { logs } = await this.sim.finish(link.request('identity.get', { address }))
      const { packages } = await this.sim.finish(link.request('keys.claim', { address, suite: 'dm-xwing-aes256' }))
      return { logs: logs.map(({ length }) => length), devices: packages.length }
    }
    const wanted = { logs: [await this.#entries()], devices: 2 }
    for (let minute = 0; minute < 15 && JSON.stringify(await look()) !== JSON.stringify(wanted); minute++)
      await this.sim.run(60_000)
    expect(await look()).toEqual(wanted)
  }

  /** Entries of the own log, the same on both devices. */
  async #entries(): Promise<number> {
    const logs = await Promise.all(
      this.devices.map(({ records }) =>
        records.read(async (tx) => (await tx.get<{ readonly log: readonly Uint8Array[] }>('meta', 'self'))?.log.length),
      ),
    )
    expect(new Set(logs).size).toBe(1)
    return logs[0] as number
  }
}

test('however the home relays are changed, killed and revived: 1 to 3 of them, one log, and everything arrives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(action, { minLength: 4, maxLength: 14 }), async (seed, actions) => {
      const home = await Home.open(seed)
      for (const each of actions) await home.do(each)
      await home.settles()
    }),
    { numRuns: 4, endOnFailure: true },
  )
})
