import { seededRandom } from '../sim/random.ts'
import type { SimRandom } from '../sim/types.ts'
import type { Action, Schedule, Step } from './step.ts'

const NAMES = ['ann', 'ben', 'cid', 'dee', 'eve', 'fay', 'gus', 'hal', 'ivy', 'jon'] as const
const EMOJI = ['👍', '❤️', '🎉', 'ok'] as const
const ROLES = ['owner', 'admin', 'member'] as const
const MINUTE = 60_000
const HOUR = 60 * MINUTE

export interface GenerateOptions {
  /** Steps after the cast has met. Default 40 to 90, by the seed. */
  readonly steps?: number
  readonly people?: number
  /** Acts that a hostile member may do; none: everybody keeps the rules. */
  readonly attacks?: readonly string[]
  /** People trade, too. */
  readonly offers?: boolean
  /** Default true: links, machines and relays fail. */
  readonly faults?: boolean
  /** Several relays, of which conversations name all. */
  readonly relays?: readonly string[]
  /** Default false: some are in no conversation at first, and nobody knows them until they are asked in. */
  readonly newcomers?: boolean
  /** Other things that people do, and that happen, than the usual ones. */
  readonly deeds?: Table
  readonly events?: Table
}

/** What the generator keeps in mind, so that most steps make sense; running a step checks again. */
export interface Cast {
  readonly random: SimRandom
  readonly people: readonly string[]
  readonly devices: string[]
  readonly down: Set<string>
  readonly cut: Set<string>
  readonly backups: Set<string>
  readonly chats: string[]
  readonly owners: Map<string, string>
  relayDown: boolean
  /** Where there are several: those that run or are down, without those that are gone for good. */
  readonly relays: Map<string, 'up' | 'down'>
}

export type Maker = (cast: Cast) => Action | undefined
/** Things with how often they come, beside each other. */
export type Table = readonly (readonly [weight: number, make: Maker])[]

const other = ({ random, people }: Cast, not: string): string => random.pick(people.filter((name) => name !== not))
export const actor = ({ random, devices, down }: Cast): string => {
  const up = devices.filter((name) => !down.has(name))
  return random.pick(up.length > 0 ? up : devices)
}
/** Who may change a group: mostly one who leads it. */
const leader = (cast: Cast, chat: string): string =>
  cast.random.chance(0.75) ? `${cast.owners.get(chat)}/1` : actor(cast)
export const some = ({ random, people }: Cast, most: number): string[] =>
  random.shuffle(people).slice(0, random.between(1, Math.min(most, people.length)))
const onMessage = (cast: Cast) => ({
  by: actor(cast),
  chat: cast.random.pick(cast.chats),
  message: cast.random.int(1_000),
})

/** Everybody, or all but some, meets in a first group before anything fails. */
const meeting = (cast: Cast, newcomers: boolean): [Action, number][] => {
  const [first = '', ...rest] = cast.random.shuffle(cast.people)
  const others = newcomers ? rest.slice(0, Math.ceil(rest.length / 2)) : rest
  cast.chats.push('g1')
  cast.owners.set('g1', first)
  return [
    [{ do: 'group', by: `${first}/1`, chat: 'g1', people: others }, 4_000],
    ...others.map((name): [Action, number] => [{ do: 'accept', by: `${name}/1`, chat: 'g1' }, 300]),
  ]
}

/** Who is asked in mostly says yes, soon. */
const answers = ({ random }: Cast, action: Action): [Action, number][] => {
  if (action.do !== 'add' && action.do !== 'group') return []
  const willing = action.people.filter(() => random.chance(0.8))
  return willing.map((name) => [{ do: 'accept', by: `${name}/1`, chat: action.chat }, random.between(0, 3_000)])
}

const group: Maker = (cast) => {
  const { random, people, chats, owners } = cast
  if (chats.length >= 3) return undefined
  const name = random.pick(people)
  const chat = `g${chats.length + 1}`
  chats.push(chat)
  owners.set(chat, name)
  return { do: 'group', by: `${name}/1`, chat, people: some(cast, people.length).filter((each) => each !== name) }
}

/** Two people talk to each other alone. */
export const direct: Maker = (cast) => {
  const by = actor(cast)
  return { do: 'direct', by, to: other(cast, by.split('/')[0] as string) }
}

/** A person's second device. */
export const device: Maker = (cast) => {
  const person = cast.random.pick(cast.people)
  if (cast.devices.length >= cast.people.length + 3 || cast.devices.includes(`${person}/2`)) return undefined
  cast.devices.push(`${person}/2`)
  return { do: 'device', person, name: '2' }
}

/** Everything that people do, with how often; sending is what most of life is. */
const DEEDS: Table = [
  [
    30,
    (cast) => ({ do: 'send', by: actor(cast), chat: cast.random.pick(cast.chats), count: cast.random.between(1, 4) }),
  ],
  [
    3,
    (cast) => ({ do: 'send', by: actor(cast), chat: cast.random.pick(cast.chats), count: cast.random.between(20, 70) }),
  ],
  [4, (cast) => ({ do: 'reply', ...onMessage(cast) })],
  [6, (cast) => ({ do: 'react', ...onMessage(cast), emoji: cast.random.pick(EMOJI) })],
  [2, (cast) => ({ do: 'unreact', ...onMessage(cast), emoji: cast.random.pick(EMOJI) })],
  [5, (cast) => ({ do: 'edit', ...onMessage(cast) })],
  [4, (cast) => ({ do: 'delete', ...onMessage(cast), own: cast.random.chance(0.7) })],
  [1, (cast) => ({ do: 'forward', ...onMessage(cast), to: cast.random.pick(cast.chats) })],
  [2, (cast) => ({ do: 'read', by: actor(cast), chat: cast.random.pick(cast.chats) })],
  [3, (cast) => changeOf(cast, (by, chat) => ({ do: 'pin', by, chat, message: cast.random.int(1_000) }))],
  [1, (cast) => changeOf(cast, (by, chat) => ({ do: 'unpin', by, chat, message: cast.random.int(1_000) }))],
  [4, (cast) => changeOf(cast, (by, chat) => ({ do: 'rename', by, chat, name: `name ${cast.random.int(1_000)}` }))],
  [1, (cast) => changeOf(cast, (by, chat) => ({ do: 'timer', by, chat, seconds: cast.random.pick([0, 5, 3_600]) }))],
  [
    4,
    (cast) =>
      changeOf(cast, (by, chat) => ({
        do: 'role',
        by,
        chat,
        person: cast.random.pick(cast.people),
        role: cast.random.pick(ROLES),
      })),
  ],
  [9, (cast) => changeOf(cast, (by, chat) => ({ do: 'add', by, chat, people: some(cast, 3) }))],
  [4, (cast) => changeOf(cast, (by, chat) => ({ do: 'remove', by, chat, people: some(cast, 2) }))],
  [1, (cast) => ({ do: 'leave', by: actor(cast), chat: cast.random.pick(cast.chats) })],
  [4, (cast) => ({ do: 'accept', by: actor(cast), chat: cast.random.pick(cast.chats) })],
  [1, (cast) => ({ do: 'decline', by: actor(cast), chat: cast.random.pick(cast.chats) })],
  [3, direct],
  [2, group],
]

/** Buying and selling, beside the talk. */
const TRADE: Table = [
  [
    12,
    (cast) => ({
      do: 'offer',
      by: actor(cast),
      chat: cast.random.pick(cast.chats),
      offer: cast.random.int(1_000),
    }),
  ],
  [
    40,
    (cast) => ({
      do: 'step',
      by: actor(cast),
      chat: cast.random.pick(cast.chats),
      offer: cast.random.int(1_000),
      what: cast.random.int(1_000),
    }),
  ],
]

export const changeOf = (cast: Cast, make: (by: string, chat: string) => Action): Action => {
  const chat = cast.random.pick(cast.chats)
  return make(leader(cast, chat), chat)
}

/** One that is down comes back. */
export const start: Maker = ({ random, devices, down }) => {
  const [device] = random.shuffle([...down].filter((name) => devices.includes(name)))
  if (device === undefined) return undefined
  down.delete(device)
  return { do: 'start', device }
}

const EVENTS: Table = [
  [2, device],
  [
    6,
    (cast) => {
      const device = actor(cast)
      cast.down.add(device)
      return { do: 'crash', device, silent: cast.random.chance(0.2) }
    },
  ],
  [
    2,
    (cast) => {
      const device = actor(cast)
      cast.down.add(device)
      return { do: 'stop', device }
    },
  ],
  [9, start],
  [
    3,
    (cast) => {
      const device = actor(cast)
      cast.backups.add(device)
      return { do: 'backup', device }
    },
  ],
  [
    2,
    (cast) => {
      const [device] = cast.random.shuffle([...cast.backups])
      if (device === undefined) return undefined
      cast.down.delete(device)
      return { do: 'restore', device, breaks: cast.random.chance(0.3) }
    },
  ],
  [
    3,
    (cast) => {
      if (cast.relayDown) return undefined
      cast.relayDown = true
      return { do: 'relay-crash', silent: cast.random.chance(0.2) }
    },
  ],
  [
    6,
    (cast) => {
      if (!cast.relayDown) return undefined
      cast.relayDown = false
      return { do: 'relay-start' }
    },
  ],
  [4, (cast) => ({ do: 'faults', ...maybeDevice(cast), faults: roughFaults(cast.random) })],
  [
    3,
    (cast) => ({
      do: 'faults',
      faults: { delay: [5, 40], loss: 0, duplication: 0, reordering: 0 },
      ...maybeDevice(cast),
    }),
  ],
  [
    4,
    (cast) => {
      const device = actor(cast)
      cast.cut.add(device)
      return { do: 'cut', device }
    },
  ],
  [
    6,
    (cast) => {
      const [device] = cast.random.shuffle([...cast.cut])
      if (device === undefined) return undefined
      cast.cut.delete(device)
      return { do: 'heal', device }
    },
  ],
  [3, (cast) => ({ do: 'break', ...maybeDevice(cast) })],
  [1, (cast) => ({ do: 'clock', device: actor(cast), error: cast.random.between(-3 * HOUR, 3 * HOUR) })],
  [2, ({ random }) => ({ do: 'pass', ms: random.pick([30_000, 2 * MINUTE, 15 * MINUTE]) })],
]

const maybeDevice = (cast: Cast): { device?: string } => (cast.random.chance(0.7) ? { device: actor(cast) } : {})

const roughFaults = (random: SimRandom) => ({
  delay: random.pick([
    [5, 40],
    [20, 400],
    [200, 3_000],
  ] as const),
  loss: random.pick([0, 0.01, 0.05]),
  duplication: random.pick([0, 0.02, 0.1]),
  reordering: random.pick([0, 0.05]),
})

/** The row in which a number falls, by the rows' weights. */
const at = (table: Table, number: number): Maker => {
  const [[weight, make], ...rest] = table as [Table[number], ...Table]
  return number < weight || rest.length === 0 ? make : at(rest, number - weight)
}

const drawn = (cast: Cast, table: Table): Action => {
  const total = table.reduce((sum, [weight]) => sum + weight, 0)
  while (true) {
    const make = at(table, cast.random.int(total))
    const action = make(cast)
    if (action !== undefined) return action
  }
}

/** Quiet moments, bursts, and now and then time enough for everything to arrive. */
const pauseOf = (random: SimRandom): number =>
  random.pick([0, 0, random.between(1, 100), random.between(100, 2_000), random.between(2_000, 20_000)])

/** A random schedule. The same seed and options make the same one. */
export const generate = (seed: string | number, options: GenerateOptions = {}): Schedule => {
  const random = seededRandom(`${seed}/steps`)
  const { faults = true, attacks = [], deeds = DEEDS, events = EVENTS, newcomers = false } = options
  const people = NAMES.slice(0, options.people ?? random.between(3, 6))
  const hostile = attacks.length > 0 ? people[people.length - 1] : undefined
  const cast: Cast = {
    random,
    people,
    devices: people.map((name) => `${name}/1`),
    down: new Set(),
    cut: new Set(),
    backups: new Set(),
    chats: [],
    owners: new Map(),
    relayDown: false,
    relays: new Map((options.relays ?? []).map((name) => [name, 'up'])),
  }
  const actions: [Action, number][] = meeting(cast, newcomers)
  const count = options.steps ?? random.between(40, 90)
  while (actions.length < count) {
    if (hostile !== undefined && random.chance(0.08)) {
      const chat = random.pick(cast.chats)
      actions.push([{ do: 'attack', by: `${hostile}/1`, chat, act: random.pick(attacks) }, 3_000])
      continue
    }
    const isTrade = options.offers === true && random.chance(0.5)
    const action = drawn(cast, faults && random.chance(0.25) ? events : isTrade ? TRADE : deeds)
    actions.push([action, pauseOf(random)], ...answers(cast, action))
  }
  const clocks: Record<string, number> = {}
  for (const name of people) if (random.chance(0.3)) clocks[`${name}/1`] = random.between(-10 * MINUTE, 10 * MINUTE)
  const steps = actions.map(([action, then], id): Step => ({ ...action, id, then }))
  const relays = options.relays === undefined ? {} : { relays: options.relays }
  return { seed: String(seed), people, clocks, hostile: hostile === undefined ? [] : [hostile], ...relays, steps }
}
