import type { LinkState } from '../../ports/transport.ts'
import type { Address, DeviceId, RelayUrl } from '../../records/ids.ts'
import type { WireError } from './wire-error.ts'

/** Of the messages between tabs. Another number in another tab is another version of the SDK, and an error there. */
export const TABS_VERSION = 1

/** What an attached tab knows of the client without asking. */
export interface Facts {
  readonly address: Address
  readonly device: DeviceId
  readonly relays: readonly RelayUrl[]
  readonly links: readonly { readonly relay: RelayUrl; readonly state: LinkState }[]
  /** Some tab has called `connect`: whoever has the store from then on connects. */
  readonly online: boolean
}

/** What the tab says that has the store. `term` names one time of having it; answers go `to` one tab. */
export type OwnerMessage =
  /** It has the lock and opens the store: whoever had it before is over. */
  | { readonly type: 'claim'; readonly term: string }
  | { readonly type: 'ready'; readonly term: string }
  | { readonly type: 'facts'; readonly term: string; readonly facts: Facts }
  /** It answers nobody any more. */
  | { readonly type: 'bye'; readonly term: string }
  | { readonly type: 'welcome'; readonly term: string; readonly to: string; readonly facts: Facts }
  | { readonly type: 'pong'; readonly term: string; readonly to: string }
  /** It does not know the tab, which has to say hello (again). */
  | { readonly type: 'unknown'; readonly term: string; readonly to: string }
  | {
      readonly type: 'result'
      readonly term: string
      readonly to: string
      readonly id: number
      readonly value: unknown
    }
  | {
      readonly type: 'failure'
      readonly term: string
      readonly to: string
      readonly id: number
      readonly error: WireError
    }
  | { readonly type: 'end'; readonly term: string; readonly to: string; readonly id: number }

/** What the other tabs say. A `result` answers a `call`, and a `next` with one item. */
export type TabMessage =
  /** `online`: this tab, or another one that it knew of, has called `connect`. */
  | { readonly type: 'hello'; readonly tab: string; readonly online: boolean }
  | { readonly type: 'ping'; readonly tab: string }
  | { readonly type: 'gone'; readonly tab: string }
  | {
      readonly type: 'call' | 'open'
      readonly term: string
      readonly tab: string
      readonly id: number
      readonly method: string
      readonly args: readonly unknown[]
    }
  /** `cancel` ends a call or a stream. */
  | { readonly type: 'next' | 'cancel'; readonly term: string; readonly tab: string; readonly id: number }

export type Received =
  | { readonly from: 'owner'; readonly message: OwnerMessage }
  | { readonly from: 'tab'; readonly message: TabMessage }
  /** Another version; `from` and the number are all that is known of it. */
  | { readonly from: 'owner' | 'tab'; readonly version: number }

type Check = (value: unknown) => boolean

const NAME = 64
const ARGS = 8
const RELAYS = 64

const isName: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= NAME
const isId: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isFlag: Check = (value) => typeof value === 'boolean'
const isTexts: Check = (value) =>
  Array.isArray(value) && value.length <= RELAYS && value.every((each) => typeof each === 'string')

const isFacts: Check = (value) =>
  isObject(value) &&
  typeof value.address === 'string' &&
  typeof value.device === 'string' &&
  isTexts(value.relays) &&
  isFlag(value.online) &&
  Array.isArray(value.links) &&
  value.links.every(
    (link) =>
      isObject(link) && typeof link.relay === 'string' && isObject(link.state) && typeof link.state.state === 'string',
  )

const isError: Check = (value) => isObject(value) && typeof value.code === 'string' && isObject(value.details)
const isArgs: Check = (value) => Array.isArray(value) && value.length <= ARGS
const isAny: Check = () => true

type Shapes<M extends { readonly type: string }> = {
  readonly [T in M['type']]: { readonly [F in Exclude<keyof Extract<M, { readonly type: T }>, 'type'>]: Check }
}

const call = { term: isName, tab: isName, id: isId, method: isName, args: isArgs }
const of = { term: isName, tab: isName, id: isId }

const SHAPES: { readonly owner: Shapes<OwnerMessage>; readonly tab: Readonly<Record<string, Record<string, Check>>> } =
  {
    owner: {
      claim: { term: isName },
      ready: { term: isName },
      facts: { term: isName, facts: isFacts },
      bye: { term: isName },
      welcome: { term: isName, to: isName, facts: isFacts },
      pong: { term: isName, to: isName },
      unknown: { term: isName, to: isName },
      result: { term: isName, to: isName, id: isId, value: isAny },
      failure: { term: isName, to: isName, id: isId, error: isError },
      end: { term: isName, to: isName, id: isId },
    },
    tab: {
      hello: { tab: isName, online: isFlag },
      ping: { tab: isName },
      gone: { tab: isName },
      call,
      open: call,
      next: of,
      cancel: of,
    },
  }

export const fromOwner = (message: OwnerMessage): unknown => ({ ...message, dchat: TABS_VERSION, from: 'owner' })

export const fromTab = (message: TabMessage): unknown => ({ ...message, dchat: TABS_VERSION, from: 'tab' })

/** What came over the channel; undefined for anything that is not of this protocol. */
export const parseReceived = (data: unknown): Received | undefined => {
  if (!isObject(data)) return undefined
  const { dchat: version, from, type } = data
  if (!Number.isSafeInteger(version) || (from !== 'owner' && from !== 'tab') || typeof type !== 'string')
    return undefined
  if (version !== TABS_VERSION) return { from, version: version as number }
  const shapes: Readonly<Record<string, Readonly<Record<string, Check>>>> = SHAPES[from]
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (shape === undefined || !Object.entries(shape).every(([name, check]) => check(data[name]))) return undefined
  return { from, message: data } as unknown as Received
}
