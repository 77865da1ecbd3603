import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'

/** The links of an owner: started once, watched until it closes. */
export interface Online {
  /** Starts the links if nobody did. */
  start(): void
  /** Starts the links if nobody did, and waits until one is ready. Throws `transport/unreachable` after `patience` ms. */
  ready(patience: number, signal: AbortSignal): Promise<void>
  /** Rejects with `transport/unreachable` once no link was ready for `patience` ms in a row; never resolves. */
  lost(patience: number, signal: AbortSignal): Promise<never>
  close(): void
}

type Watcher = () => void

/** ms between two attempts to connect that failed for another reason than an unreachable relay. */
const RETRY = 1000
/** ms by which the reason is told before a wait of the same length ends, which would tell less. */
const AHEAD = 50

const once = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

export const createOnline = (client: Pick<Client, 'connect' | 'links' | 'relays'>): Online => {
  const closing = new AbortController()
  const watchers = new Set<Watcher>()
  let started = false
  /** Why connecting cannot succeed without a change, such as a device that was revoked. */
  let failure: { readonly error: unknown } | undefined
  /** When the last ready link went away; undefined while one is ready. */
  let downSince: number | undefined = performance.now()

  const isReady = (): boolean => client.links.list().some(({ state }) => state.state === 'ready')

  const look = (): void => {
    const ready = isReady()
    if (ready) downSince = undefined
    else downSince ??= performance.now()
    for (const watcher of watchers) watcher()
  }

  const watch = async (): Promise<void> => {
    for await (const _ of client.links.states({ signal: closing.signal })) look()
  }

  /** A relay that is away is no end: the links go on trying, and so do we. */
  const connect = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        return await client.connect({ signal: closing.signal })
      } catch (error) {
        if (closing.signal.aborted) return
        failure = isDchatError(error) && error.retryable ? undefined : { error }
        look()
      }
      await sleep(RETRY, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  const start = (): void => {
    if (started) return
    started = true
    downSince = performance.now()
    // Both end with the signal, or when the client closes.
    watch().catch(() => {})
    void connect().then(look)
    look()
  }

  const unreachable = (): DchatError => {
    const links = client.links.list()
    const link = links.find(({ state }) => state.state === 'waiting') ?? links[0]
    const relay = link?.relay ?? client.relays()[0]
    if (relay === undefined)
      return new DchatError(
        'transport/unreachable',
        { relay: '(none)', reason: 'this profile names no relay' },
        { hint: 'Name one with --relay ws://… or --relay wss://….' },
      )
    const reason = link?.state.state === 'waiting' ? link.state.reason : 'no answer in time'
    return new DchatError('transport/unreachable', { relay, reason })
  }

  const lost = async (patience: number, signal: AbortSignal): Promise<never> => {
    start()
    if (client.relays().length === 0) throw unreachable()
    let timer: NodeJS.Timeout | undefined
    let wake: Watcher = () => {}
    const aborted = once(signal)
    aborted.catch(() => {})
    try {
      for (;;) {
        if (failure !== undefined) throw failure.error
        const left = downSince === undefined ? undefined : downSince + patience - AHEAD - performance.now()
        if (left !== undefined && left <= 0) throw unreachable()
        const changed = new Promise<void>((resolve) => {
          wake = resolve
          watchers.add(wake)
          if (left !== undefined) timer = setTimeout(resolve, left)
        })
        await Promise.race([changed, aborted])
        watchers.delete(wake)
        clearTimeout(timer)
      }
    } finally {
      watchers.delete(wake)
      clearTimeout(timer)
    }
  }

  const ready = async (patience: number, signal: AbortSignal): Promise<void> => {
    start()
    const done = new AbortController()
    const seen = new Promise<void>((resolve) => {
      const watcher = (): void => {
        if (downSince !== undefined) return
        watchers.delete(watcher)
        resolve()
      }
      watchers.add(watcher)
      watcher()
      done.signal.addEventListener('abort', () => watchers.delete(watcher), { once: true })
    })
    try {
      await Promise.race([seen, lost(patience, AbortSignal.any([signal, done.signal]))])
    } finally {
      done.abort()
    }
  }

  return { start, ready, lost, close: () => closing.abort() }
}
