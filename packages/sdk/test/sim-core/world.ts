import { onTestFinished } from 'vitest'
import { simulatedRelay } from '../../../relay/src/testing/simulated-relay.ts'
import type { Client, Message } from '../../src/index.ts'
import { createSim } from '../../src/testing/sim/create-sim.ts'
import type { Sim, SimOptions, SimPerson } from '../../src/testing/sim/types.ts'

/** A world that ends with the test. */
export const world = (seed: string | number, options: Partial<Omit<SimOptions, 'seed'>> = {}): Sim => {
  const sim = createSim({ seed, relay: simulatedRelay(), ...options })
  onTestFinished(() => sim.close())
  return sim
}

/** Writes to somebody; resolves when the words are durable on the device. */
export const say = async (sim: Sim, from: Client, to: SimPerson, text: string): Promise<Message> => {
  const chat = await sim.finish(from.conversations.dm(to.identity.address))
  return sim.finish(chat.send(text))
}

/** The texts of a client's only direct message, in order. */
export const textsOf = async (client: Client): Promise<string[]> => {
  const [chat] = (await client.conversations.list()).items
  if (!chat) return []
  const { items } = await client.messages.list(chat.id, { limit: 500, after: '0' })
  return items.map(({ content }) => (content.type === 'text' ? content.text : content.type))
}
