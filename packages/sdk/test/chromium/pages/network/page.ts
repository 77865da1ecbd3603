import { pageSurroundings } from '../../../../src/adapters/surroundings/page.ts'
import { type Address, type Client, createClient, createIdentity } from '../../../../src/index.ts'
import type { Happening } from '../../../../src/ports/surroundings.ts'
import type { ConversationId } from '../../../../src/records/ids.ts'

interface WorkerThread {
  onmessage: ((event: { data: string }) => void) | null
  postMessage(data: string): void
}
declare const Worker: new (url: URL, options: { type: 'module' }) => WorkerThread

/** What a link was, and when (ms); a link that waits names the latest time of its next attempt. */
export interface Stage {
  readonly at: number
  readonly state: string
  readonly reason?: string
  readonly retryAt?: number
}

const surroundings = pageSurroundings()
const told: Happening[] = []
const toldWorker: string[] = []
const stages: Stage[] = []
const received: string[] = []
surroundings.listen((happening) => told.push(happening))
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
worker.onmessage = ({ data }) => toldWorker.push(data)

let client: Client
let chat: ConversationId

const watch = async (): Promise<void> => {
  for await (const { state } of client.links.states())
    stages.push({
      at: Date.now(),
      state: state.state,
      ...(state.state === 'waiting' && { reason: state.reason, retryAt: state.retryAt }),
    })
}

const receive = async (): Promise<void> => {
  for await (const { content } of client.messages.stream()) if (content.type === 'text') received.push(content.text)
}

/** A client over the browser's own storage, in a conversation with `peer`. */
const begin = async (relay: string, peer: Address): Promise<Address> => {
  client = await createClient({ identity: createIdentity(), relays: [relay], strangers: 'allow' })
  void watch()
  void receive()
  await client.connect()
  chat = (await client.conversations.dm(peer)).id
  await client.messages.send(chat, 'hello from the page', { wait: 'delivered', timeout: 60_000 })
  return client.address
}

const page = {
  begin,
  /** Resolves when it is durable here. */
  send: async (text: string) => void (await client.messages.send(chat, text)),
  seen: () => ({ online: surroundings.online, told, toldWorker, stages, received }),
  tellWorker: (event: string) => worker.postMessage(event),
  close: () => client.close(),
}
export type NetworkPage = typeof page

Object.assign(globalThis, { network: page })
