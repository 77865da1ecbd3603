import './chunks.ts'
import { Device } from './device.ts'
import { identityOf, restoredIdentityOf } from './identities.ts'
import { Network } from './network.ts'
import { seededRandom } from './random.ts'
import { Relay } from './relay.ts'
import type { DeviceOptions, PersonOptions, SettleOptions, Sim, SimDevice, SimOptions, SimPerson } from './types.ts'
import { World } from './world.ts'

/** 2026-01-01: an hour at which nothing of the protocol changes by itself. */
const START = 1_767_225_600_000
const MINUTE = 60_000
const WITHIN = 10 * MINUTE
/** ms between looks at a condition. */
const LOOK = 100

/** A world that is the same for the same seed, event by event. */
export const createSim = (options: SimOptions): Sim => {
  const seed = String(options.seed)
  const world = new World(seed, options.start ?? START, options.disk ?? [0, 3])
  const { scheduler, driver, trace } = world
  const network = new Network(world)
  if (options.faults) network.faults(options.faults)
  const relays = new Map<string, Relay>()
  const people = new Map<string, { readonly devices: Device[]; readonly homes: PersonOptions['relays'] }>()

  const relay = async (name = 'hub'): Promise<Relay> => {
    const known = relays.get(name)
    if (known) return known
    const started = new Relay(world, network, options.relay, name)
    relays.set(name, started)
    await started.restart()
    return started
  }

  const addDevice = async (
    person: string,
    name: string,
    identity: ConstructorParameters<typeof Device>[2]['identity'],
    { connect = true, clockError = 0, relays: named }: DeviceOptions,
  ): Promise<void> => {
    const known = people.get(person)
    if (!known) throw new Error(`${person} is not of this simulation`)
    const full = `${person}/${name}`
    if (known.devices.some((device) => device.name === full)) throw new Error(`${full} is there already`)
    const homes = named ?? known.homes ?? [await relay()]
    const device = new Device(world, network, {
      name: full,
      identity,
      relays: homes.map(({ url }) => url),
      clockError,
      heartbeat: options.heartbeat,
    })
    known.devices.push(device)
    await device.restart({ connect: false })
    if (connect) await device.connect()
  }

  const settle = async ({ within = WITHIN, quiet = 15_000 }: SettleOptions = {}): Promise<boolean> => {
    const end = scheduler.now + within
    // What the schedule has just asked for begins now.
    world.touch()
    while (scheduler.now < end) {
      const rest = world.touched + quiet
      if (scheduler.now >= rest) return true
      await driver.wait(Math.min(rest, end))
    }
    return scheduler.now >= world.touched + quiet
  }

  const close = async (): Promise<void> => {
    for (const { devices } of people.values()) for (const device of devices) device.crash({ silent: true })
    for (const each of relays.values()) each.crash({ silent: true })
    await driver.wait(scheduler.now)
  }

  return {
    seed,
    random: seededRandom(`${seed}/schedule`),
    network,
    trace,
    now: () => scheduler.now,
    relay,
    person: async (name, given = {}): Promise<SimPerson> => {
      if (people.has(name)) throw new Error(`${name} is there already`)
      const devices: Device[] = []
      people.set(name, { devices, homes: given.relays })
      const identity = identityOf(name)
      await addDevice(name, given.device ?? '1', identity, given)
      const device = devices[0] as SimDevice
      return {
        name,
        identity,
        devices,
        device,
        get client() {
          return device.client
        },
      }
    },
    device: async (person, name, given = {}): Promise<SimDevice> => {
      await addDevice(person.name, name, restoredIdentityOf(person.name), given)
      return person.devices.at(-1) as SimDevice
    },
    run: (ms) => driver.wait(scheduler.now + ms),
    finish: (work, within) => driver.finish(work, within),
    until: async (condition, within = WITHIN) => {
      const end = scheduler.now + within
      while (!(await condition())) {
        if (scheduler.now >= end) throw new Error(`the condition did not hold within ${within} ms`)
        await driver.wait(Math.min(end, scheduler.now + LOOK))
      }
    },
    settle,
    onFrame: (listener) => {
      world.onFrame.add(listener)
      return () => world.onFrame.delete(listener)
    },
    onReuse: (listener) => world.ratchets.onReuse(listener),
    close,
    [Symbol.asyncDispose]: close,
  }
}
