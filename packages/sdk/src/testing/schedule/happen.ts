import type { SimRelay } from '../sim/types.ts'
import type { Stage } from './stage.ts'
import type { Event, Step } from './step.ts'

const CALM = { delay: [5, 40], loss: 0, duplication: 0, reordering: 0 } as const

const at = (device: string | undefined, relay?: string) => ({
  ...(device === undefined ? {} : { device }),
  ...(relay === undefined ? {} : { relay }),
})

/** Lets something happen to machines, links or time. False: it cannot. */
export const happen = async (stage: Stage, step: Step & Event): Promise<boolean> => {
  const { sim } = stage
  switch (step.do) {
    case 'device':
      return newDevice(stage, step.person, step.name)
    case 'crash': {
      const device = stage.running(step.device)
      device?.crash({ silent: step.silent })
      if (step.forGood) vanish(stage, step.device)
      return device !== undefined
    }
    case 'stop': {
      const device = stage.running(step.device)
      await device?.stop()
      return device !== undefined
    }
    case 'start':
      return start(stage, step.device)
    case 'backup':
      return backup(stage, step.device)
    case 'restore':
      return restore(stage, step.device, step.breaks)
    case 'relay-crash': {
      const relay = stage.relay(step.relay)
      relay?.crash({ silent: step.silent })
      if (step.forGood && relay !== undefined) stage.gone.add(relay.name)
      return relay !== undefined
    }
    case 'relay-start':
      return startRelay(stage, stage.relay(step.relay))
    case 'faults':
      sim.network.faults(step.faults, at(step.device))
      return true
    case 'cut':
      sim.network.partition(at(step.device, step.relay))
      return true
    case 'heal':
      sim.network.heal(at(step.device, step.relay))
      return true
    case 'break':
      sim.network.breakLinks(at(step.device))
      return true
    case 'clock': {
      const device = stage.device(step.device)
      device?.setClock(step.error)
      return device !== undefined
    }
    case 'pass':
      await sim.run(step.ms)
      return true
  }
}

const newDevice = async (stage: Stage, name: string, device: string): Promise<boolean> => {
  const person = stage.people.get(name)
  if (person === undefined || stage.device(`${name}/${device}`) !== undefined) return false
  const made = await stage.sim.device(person, device, { connect: false })
  stage.follow(made)
  if (!stage.isHostile(name)) stage.witness.watch(made)
  return true
}

/** A device that is killed while it makes one keeps the one before. */
const backup = (stage: Stage, name: string): boolean => {
  const device = stage.running(name)
  if (device === undefined) return false
  stage.call(device, 'backup', async () => stage.backups.set(name, await device.backup()))
  return true
}

const restore = async (stage: Stage, name: string, breaks: boolean): Promise<boolean> => {
  const device = stage.device(name)
  const file = stage.backups.get(name)
  if (device === undefined || file === undefined) return false
  await device.restore(file, breaks ? { breaks: Math.floor(file.length / 2) } : {})
  await stage.lost(device)
  return start(stage, name)
}

/** Nothing is promised to a device that never runs again. */
const vanish = ({ vanished, witness }: Stage, name: string): void => {
  vanished.add(name)
  witness.unwatch(name)
}

const start = async (stage: Stage, name: string): Promise<boolean> => {
  const device = stage.device(name)
  if (device === undefined || device.isUp || stage.vanished.has(name)) return false
  await device.restart({ connect: false })
  stage.follow(device)
  return true
}

const startRelay = async ({ gone }: Stage, relay: SimRelay | undefined): Promise<boolean> => {
  if (relay === undefined || gone.has(relay.name)) return false
  await relay.restart()
  return true
}

/** Everything works again, but for relays and devices that are gone for good: machines run, links are whole and quick. */
export const healAll = async (stage: Stage): Promise<void> => {
  const { network } = stage.sim
  network.faults(CALM)
  for (const { name } of stage.devices()) network.faults(CALM, { device: name })
  network.heal()
  for (const relay of stage.relays) await startRelay(stage, relay)
  for (const { name } of stage.devices()) await start(stage, name)
}
