import {
  actor,
  type Cast,
  changeOf,
  device,
  direct,
  type GenerateOptions,
  type Maker,
  some,
  start,
  type Table,
} from './generate.ts'

const MINUTE = 60_000
const RELAYS = ['one', 'two', 'three'] as const

const anyRelay = ({ random, relays }: Cast): string => random.pick([...relays.keys()])

/** A device that is cut off from one relay, so that some go on where others do not. */
const cutOff = (cast: Cast) => ({ device: actor(cast), relay: anyRelay(cast) })

const asks: Maker = (cast) => changeOf(cast, (by, chat) => ({ do: 'add', by, chat, people: some(cast, 2) }))
const takesOut: Maker = (cast) => changeOf(cast, (by, chat) => ({ do: 'remove', by, chat, people: some(cast, 1) }))

const DEEDS: Table = [
  [
    30,
    (cast) => ({ do: 'send', by: actor(cast), chat: cast.random.pick(cast.chats), count: cast.random.between(1, 4) }),
  ],
  [4, (cast) => changeOf(cast, (by, chat) => ({ do: 'rename', by, chat, name: `name ${cast.random.int(1_000)}` }))],
  [2, asks],
  [2, takesOut],
  [4, (cast) => ({ do: 'accept', by: actor(cast), chat: cast.random.pick(cast.chats) })],
  [5, (cast) => changeOf(cast, (by, chat) => ({ do: 'move', by, chat, relay: anyRelay(cast) }))],
]

const EVENTS: Table = [
  [
    6,
    (cast) => {
      const device = actor(cast)
      cast.down.add(device)
      return { do: 'crash', device, silent: cast.random.chance(0.2) }
    },
  ],
  [7, start],
  [
    6,
    (cast) => {
      const relay = anyRelay(cast)
      if (cast.relays.get(relay) === 'down') return undefined
      // One is left to whom everybody can go.
      const forGood = cast.relays.size > 1 && cast.random.chance(0.3)
      if (forGood) cast.relays.delete(relay)
      else cast.relays.set(relay, 'down')
      return { do: 'relay-crash', relay, silent: cast.random.chance(0.2), ...(forGood ? { forGood } : {}) }
    },
  ],
  [
    6,
    (cast) => {
      const [relay] = cast.random.shuffle([...cast.relays].flatMap(([name, is]) => (is === 'down' ? [name] : [])))
      if (relay === undefined) return undefined
      cast.relays.set(relay, 'up')
      return { do: 'relay-start', relay }
    },
  ],
  [7, (cast) => ({ do: 'cut', ...cutOff(cast) })],
  [7, (cast) => ({ do: 'heal', ...cutOff(cast) })],
  [2, (cast) => ({ do: 'heal', device: actor(cast) })],
  [3, (cast) => ({ do: 'break', device: actor(cast) })],
  [6, ({ random }) => ({ do: 'pass', ms: random.pick([15_000, 30_000, 2 * MINUTE]) })],
]

/** A device that nobody ever sees again; two are left. */
const vanish: Maker = ({ random, devices }) => {
  if (devices.length <= 2) return undefined
  const [device = ''] = devices.splice(random.int(devices.length), 1)
  return { do: 'crash', device, silent: random.chance(0.5), forGood: true }
}

/** Relays die, for good or not, are cut off from some, and conversations are moved by choice. */
export const HUBS: GenerateOptions = { relays: RELAYS, deeds: DEEDS, events: EVENTS }

/** The same, where half of the people are asked in later, more come and go, have more devices, and talk to each other alone, too. */
export const NEWCOMERS: GenerateOptions = {
  ...HUBS,
  newcomers: true,
  deeds: [...DEEDS, [4, asks], [2, takesOut], [4, direct]],
  events: [...EVENTS, [3, device]],
}

/** The same, and some never come back. */
export const VANISHING: GenerateOptions = { ...HUBS, events: [...EVENTS, [6, vanish]] }
