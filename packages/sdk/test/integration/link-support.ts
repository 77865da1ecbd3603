import { host } from '#host'
import { type Client, createClient, type LinkStep, linkDevice } from '../../src/index.ts'
import type { Transport } from '../../src/ports/transport.ts'
import type { Method, Params, Result } from '../../src/protocol/wire/methods.ts'
import type { Place } from './host/host.ts'

type Ask = <M extends Method>(method: M, params: Params<M>) => Promise<Result<M>>

/** Stands between a client and its relays: asks on, or does something else. */
export type Between = <M extends Method>(ask: Ask, method: M, params: Params<M>) => Promise<Result<M>>

/** `hears` false: what subscriptions bring is passed over. */
export const between = (transport: Transport, act: Between, hears = () => true): Transport => ({
  link: (relay) => {
    const link = transport.link(relay)
    const request: typeof link.request = (method, params, options) =>
      act((name, given) => link.request(name, given, options) as never, method, params)
    const subscribe: typeof link.subscribe = async function* (name, params, options) {
      for await (const item of link.subscribe(name, params, options)) if (hears()) yield item
    }
    return new Proxy(link, {
      get: (target, name) => {
        if (name === 'request') return request
        if (name === 'subscribe') return subscribe
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  },
})

/** A value that somebody waits for. */
export const latch = <T>(): { readonly open: (value: T) => void; readonly wait: Promise<T> } => {
  let open: (value: T) => void = () => undefined
  const wait = new Promise<T>((resolve) => {
    open = resolve
  })
  return { open: (value) => open(value), wait }
}

export interface Waiting {
  readonly linked: Promise<Client>
  /** What the new device shows. */
  readonly shown: Promise<Extract<LinkStep, { step: 'waiting' }>>
  readonly steps: LinkStep[]
}

export interface NewDevice {
  readonly place?: Place
  readonly transport?: Transport
  readonly signal?: AbortSignal
}

/** A new device that waits to be let in. */
export const waitingDevice = async (relay: { url: string }, options: NewDevice = {}): Promise<Waiting> => {
  const steps: LinkStep[] = []
  const { open, wait } = latch<Extract<LinkStep, { step: 'waiting' }>>()
  const linked = linkDevice({
    relays: [relay.url],
    deviceName: 'laptop',
    strangers: 'allow',
    ...(options.place ?? (await host.place())),
    ...(options.transport && { transport: options.transport }),
    ...(options.signal && { signal: options.signal }),
    onStep: (step) => {
      steps.push(step)
      if (step.step === 'waiting') open(step)
    },
  })
  linked.catch(() => undefined)
  return { linked, shown: wait, steps }
}

/** A second device of a person, linked and connected. */
export const secondDevice = async (first: Client, relay: { url: string }, options: NewDevice = {}): Promise<Client> => {
  const { linked, shown } = await waitingDevice(relay, options)
  await (await first.devices.link((await shown).qr)).approve()
  const client = await linked
  await client.connect()
  return client
}

/** Resolves when a conversation is open. */
export const isOpen = async (client: Client): Promise<void> => {
  for await (const { state } of client.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
    if (state === 'open') return
  throw new Error('it did not open')
}

/** The code that a promise rejects with. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: { code?: unknown; message?: string }) => error?.code ?? error?.message ?? error,
  )

/** Opens a store again with something between it and its relays. */
export const reopenBetween = (place: Place, act: Between): Promise<Client> =>
  createClient({ ...place, strangers: 'allow', transport: between(host.transport(), act) })
