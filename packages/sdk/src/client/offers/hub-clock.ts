import { isDchatError } from '../../errors.ts'
import { branch, type Core } from '../core.ts'
import type { HubRecord } from '../records.ts'

/** ms for which a comparison of clocks is believed. */
const FRESH = 10 * 60_000
const TIMEOUT = 3_000

interface Compared {
  /** What the relay's clock is ahead of this device's, ms. */
  readonly ahead: number
  readonly at: number
}

interface Known {
  readonly compared: Map<string, Compared>
  /** Relays that are being asked: many who want to know at once ask once. */
  readonly asked: Map<string, Promise<Compared | undefined>>
}

const known = new WeakMap<Core['links'], Known>()

/**
 * The time at a relay, as far as it is known: offers expire by its clock, and this device's may be an hour off.
 * Undefined where the relay cannot be asked now.
 */
export const timeAt = async (core: Core, { url }: Pick<HubRecord, 'url'>): Promise<number | undefined> => {
  const ahead = await aheadAt(core, url)
  return ahead === undefined ? undefined : core.clock.now() + ahead
}

/** What the first home relay that answers is ahead of this device, ms. */
export const homeAhead = async (core: Core): Promise<number | undefined> => {
  for (const url of core.self.relays) {
    const ahead = await aheadAt(core, url)
    if (ahead !== undefined) return ahead
  }
  return undefined
}

const aheadAt = async (core: Core, url: HubRecord['url']): Promise<number | undefined> => {
  const { links, clock } = core
  const here = known.get(links) ?? { compared: new Map(), asked: new Map() }
  known.set(links, here)
  const latest = here.compared.get(url)
  const now = clock.now()
  if (latest !== undefined && Math.abs(now - latest.at) < FRESH) return latest.ahead
  if (links.get(url).state.state !== 'ready') return undefined
  const asking = here.asked.get(url) ?? compare(core, url).finally(() => here.asked.delete(url))
  here.asked.set(url, asking)
  const told = await asking
  if (told === undefined) return undefined
  here.compared.set(url, told)
  return told.ahead
}

const compare = async (core: Core, url: HubRecord['url']): Promise<Compared | undefined> => {
  const { links, clock, signal } = branch(core)
  const now = clock.now()
  try {
    const { time } = await links.get(url).request('relay.info', {}, { signal, timeout: TIMEOUT })
    const at = clock.now()
    return { ahead: Math.round(time - (now + at) / 2), at }
  } catch (error) {
    if (!isDchatError(error)) throw error
    return undefined
  }
}
