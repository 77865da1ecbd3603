import { type ErrorCode, isDchatError } from '../../errors.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { RelayHealth } from '../../records/relay.ts'
import type { Abortable } from '../../util/abort.ts'
import { Broadcast } from '../../util/broadcast.ts'
import { Latch, within } from '../../util/wait.ts'
import type { ClientEvent } from '../client.ts'
import { branch, type Core } from '../core.ts'
import { type FaultRecord, faultsIn } from '../faults/fault-record.ts'
import { refusesUs } from '../home-admission.ts'
import type { RoomRecord } from '../records.ts'
import { leftRelays } from './left-relays.ts'

/** ms between two looks. */
const EVERY = 30 * 60_000
const TIMEOUT = 10_000
/** What a new measurement counts beside the ones before it. */
const OF_TRIP = 1 / 4
/** About three days of looks count for half of the score. */
const OF_UPTIME = 1 / 200
const ROOMS = 100_000

/** meta/health/<relay> */
interface HealthRecord {
  /** Whole µs and millionths: rows hold no fractions. */
  readonly trip?: number
  readonly uptime: number
  readonly version?: number
  readonly program?: string
  readonly ahead?: number
  readonly askedAt: number
  readonly answeredAt?: number
  readonly problem?: ErrorCode
}

const keyOf = (relay: RelayUrl): string => `health/${relay}`

/** Emits after each look, by the clients' link pools. */
const looked = new WeakMap<Core['links'], Broadcast<void>>()
const lookedOf = ({ links }: Core): Broadcast<void> => {
  const known = looked.get(links) ?? new Broadcast<void>()
  looked.set(links, known)
  return known
}

/** The home relays in their order, those that were left lately, and the hubs of open rooms. */
const relaysInUse = async ({ store, self }: Core): Promise<ReadonlyMap<RelayUrl, readonly string[]>> => {
  const rooms = new Map<RelayUrl, string[]>(self.relays.map((relay) => [relay, []]))
  for (const relay of await store.read(leftRelays)) rooms.set(relay, [])
  const rows = await store.read((tx) => tx.page<RoomRecord>('rooms', { scope: 'all', limit: ROOMS }))
  for (const { value } of rows) {
    if (value.state === 'closed') continue
    rooms.set(value.hub.url, [...(rooms.get(value.hub.url) ?? []), value.id])
  }
  return rooms
}

/** What is known of every relay that this person uses. */
export const relayHealth = async (core: Core): Promise<readonly RelayHealth[]> => {
  const { store, self, links } = core
  const states = new Map(links.list().map(({ relay, state }) => [relay, state.state]))
  const left = await store.read(leftRelays)
  const all: RelayHealth[] = []
  for (const [relay, rooms] of await relaysInUse(core)) {
    const home = self.relays.includes(relay)
    const { known, faults, uninvited } = await store.read(async (tx) => {
      const found: FaultRecord[] = []
      for (const scope of [relay, ...rooms]) found.push(...(await faultsIn(tx, scope)))
      const known = await tx.get<HealthRecord>('meta', keyOf(relay))
      return { known, faults: found, uninvited: home && (await refusesUs(tx, relay)) }
    })
    const { trip, uptime, problem, ...rest }: Partial<HealthRecord> = known ?? {}
    const state = states.get(relay) ?? 'idle'
    // At the last look, which may be half an hour ago, it may have been there, and not be now.
    const why = problem ?? (links.isAway(relay) ? 'transport/unreachable' : undefined)
    all.push({
      relay,
      home,
      ...(uninvited && { uninvited }),
      ...(left.includes(relay) && { left: true as const }),
      state,
      ...(trip !== undefined && { roundTrip: trip / 1_000 }),
      ...(uptime !== undefined && { uptime: uptime / 1_000_000 }),
      ...rest,
      ...(why !== undefined && { problem: why }),
      faults: [...new Set(faults.filter((fault) => fault.relay === relay).map(({ code }) => code))],
    })
  }
  return all
}

/** The same now, after each look, and whenever a link comes or goes or a relay takes or refuses this person. */
export async function* followRelayHealth(
  core: Core,
  { signal = core.signal }: Abortable = {},
): AsyncGenerator<readonly RelayHealth[]> {
  const wakes = new Broadcast<void>()
  const over = new AbortController()
  const both = { signal: AbortSignal.any([signal, over.signal]) }
  const pass = async (source: AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of source) wakes.emit()
  }
  const stream = wakes.stream(both)
  const sources = [lookedOf(core).stream(both), core.links.states(both), admissions(core.events.stream(both))]
  const passing = sources.map((source) => pass(source))
  for (const each of passing) each.catch(() => undefined)
  try {
    yield await relayHealth(core)
    for await (const _ of stream) yield await relayHealth(core)
  } finally {
    over.abort()
    await stream.return?.()
  }
}

async function* admissions(events: AsyncIterable<ClientEvent>): AsyncGenerator<ClientEvent> {
  for await (const event of events) if (event.type === 'relay-admission') yield event
}

/** Asks a relay once, and keeps what came of it. */
export const lookAtRelay = async (core: Core, relay: RelayUrl, options: Abortable = {}): Promise<void> => {
  const { links, clock, store, signal: closing } = core
  const signal = options.signal ?? closing
  const link = links.get(relay)
  const askedAt = clock.now()
  const found: { problem?: ErrorCode; trip?: number; told?: { name: string; version: string; time: number } } = {}
  try {
    await link.ready({ signal, timeout: TIMEOUT })
    const from = clock.now()
    found.told = await link.request('relay.info', {}, { signal, timeout: TIMEOUT })
    found.trip = Math.max(0, clock.now() - from)
  } catch (error) {
    signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    found.problem = error.code
  }
  const { state } = link
  const at = clock.now()
  const { trip, told, problem } = found
  await store.write(async (tx) => {
    const before = await tx.get<HealthRecord>('meta', keyOf(relay))
    const up = problem === undefined ? 1_000_000 : 0
    const { problem: _, ...known } = before ?? {}
    const value: HealthRecord = {
      ...known,
      uptime: smoothed(before?.uptime, up, OF_UPTIME),
      askedAt,
      ...(problem !== undefined && { problem }),
      ...(trip !== undefined && { trip: smoothed(before?.trip, trip * 1_000, OF_TRIP), answeredAt: at }),
      ...(told !== undefined && {
        program: `${told.name} ${told.version}`,
        ahead: Math.round(told.time - (at - (trip ?? 0) / 2)),
      }),
      ...(state.state === 'ready' && { version: state.version }),
    }
    tx.put('meta', { key: keyOf(relay), value })
  })
  lookedOf(core).emit()
}

const smoothed = (before: number | undefined, now: number, share: number): number =>
  Math.round(before === undefined ? now : before + (now - before) * share)

/** Looks again as soon as a relay is back that did not answer at the last look. */
const lookWhenBack = async (core: Core): Promise<void> => {
  for await (const { relay, state } of core.links.states({ signal: core.signal })) {
    if (state.state !== 'ready') continue
    const known = await core.store.read((tx) => tx.get<HealthRecord>('meta', keyOf(relay)))
    if (known?.problem !== undefined) await lookAtRelay(core, relay)
  }
}

/** Looks at every relay in use: at once, where the home relays change, and now and then. */
const lookNowAndThen = async (core: Core): Promise<void> => {
  const { clock, events, signal } = core
  const changed = new Latch()
  events.on(({ type }) => {
    if (type === 'home-relays') changed.open()
  })
  while (true) {
    changed.shut()
    const relays = [...(await relaysInUse(core)).keys()]
    await Promise.all(relays.map((relay) => lookAtRelay(core, relay)))
    await within(clock, EVERY, (over) => changed.wait({ signal: over }), { signal })
  }
}

/** Keeps how the relays in use do, until the client closes. */
export const watchRelays = async (shared: Core): Promise<void> => {
  const core = branch(shared)
  await Promise.all([lookWhenBack(core), lookNowAndThen(core)])
}
