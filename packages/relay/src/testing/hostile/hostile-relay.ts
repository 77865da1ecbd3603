import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { decodeFrame, encodeFrame, FRAME_LIMIT, type Frame } from '@dchat/sdk/wire'
import { WebSocket, WebSocketServer } from 'ws'
import { relayCrypto } from '../../platform.ts'
import { createRelay } from '../../relay.ts'
import { memoryStore } from '../../store/memory.ts'
import type { Lie } from './lies.ts'
import { type Telling, Victim } from './victim.ts'

export interface HostileRelayOptions {
  /** A key package of the relay's own for an address: what `own-key-package` answers with. */
  readonly keyPackage?: (address: string) => Promise<Uint8Array>
  /** Says of every topic, as long as it lies, that nobody announced anything: nobody finds where a conversation went. */
  readonly hidesLists?: boolean
}

/** The real relay, with somebody between it and its clients who holds its key and lies in one way that has a name. */
export interface HostileRelay {
  readonly url: string
  readonly relayKey: Uint8Array
  /** Frames that were told falsely since `lie`. */
  readonly told: number
  /** From the next entry or answer on. `to`: devices (hex of their keys) that it lies to; without it, to everybody. */
  lie(lie: Lie, to?: readonly string[]): void
  /** Tells the truth again. */
  repent(): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A relay on loopback for tests of clients: until `lie` it is the real one, and afterwards the real one still decides and
 * stores; only what its victims hear of it is another thing.
 */
export const hostileRelay = async ({
  keyPackage,
  hidesLists = false,
}: HostileRelayOptions = {}): Promise<HostileRelay> => {
  const seed = new Uint8Array(randomBytes(32))
  const store = memoryStore()
  await store.secret('relay-key', () => seed)
  const relay = await createRelay({ store, returnSpread: 50, drainPatience: 1_000 })
  const { ed25519 } = relayCrypto()
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: FRAME_LIMIT, perMessageDeflate: false })
  await once(server, 'listening')
  let telling: Telling | undefined
  let victims: ReadonlySet<string> | undefined
  let told = 0
  const count = () => {
    told += 1
  }
  const tellingTo = (victim: Victim): Telling | undefined =>
    victims === undefined || [...victim.devices].some((device) => victims?.has(device)) ? telling : undefined

  server.on('connection', (client) => {
    const victim = new Victim()
    const upstream = new WebSocket(relay.url, { perMessageDeflate: false })
    const opened = once(upstream, 'open')
    const end = () => {
      client.terminate()
      upstream.terminate()
    }
    opened.catch(end)
    for (const socket of [client, upstream]) socket.on('close', end).on('error', end)
    pass(client, async (frame) => {
      await opened
      upstream.send(encodeFrame(victim.asks(frame, tellingTo(victim))))
    })
    pass(upstream, async (frame) => {
      const hides = hidesLists && telling !== undefined
      for (const answer of await victim.answers(frame, tellingTo(victim), hides)) client.send(encodeFrame(answer))
    })
  })

  const close = async (): Promise<void> => {
    for (const client of server.clients) client.terminate()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    await relay.close()
  }
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    relayKey: relay.relayKey,
    get told() {
      return told
    },
    lie: (lie, to) => {
      told = 0
      victims = to && new Set(to)
      const sign = (message: Uint8Array) => ed25519.sign(seed, message)
      telling = { lie, relay, sign, keyPackage, from: new Map(), logs: new Map(), told: count }
    },
    repent: () => {
      telling = undefined
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Hands frames on one after the other, in the order in which they came. */
const pass = (socket: WebSocket, on: (frame: Frame) => Promise<void>): void => {
  let last = Promise.resolve()
  socket.on('message', (data: Buffer) => {
    last = last.then(() => on(decodeFrame(new Uint8Array(data)))).catch(() => socket.terminate())
  })
}
