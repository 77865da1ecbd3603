import { setMaxListeners } from 'node:events'
import type { Client, ClientEvent } from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { createInOrder } from '../methods/engine.ts'
import type { Faults } from '../methods/faults.ts'
import { createFaults } from '../methods/faults.ts'
import { createOnline } from '../methods/online.ts'
import { createDispatcher, inProcess } from '../methods/table.ts'
import type { AttachOptions } from './attach.ts'
import { LOCAL_PROTOCOL } from './greeting.ts'
import type { Peer } from './peer.ts'
import type { SocketServer } from './serve-socket.ts'
import { serveSocket } from './serve-socket.ts'

export interface OwnerOptions {
  /** Where to serve; undefined: nowhere. */
  readonly socket: AttachOptions | undefined
  /** Said when the socket cannot be served: the command itself goes on. */
  readonly note: (text: string) => void
  /** Diagnostics, without content and addresses. */
  readonly detail: (text: string) => void
}

/** What a person should know without asking. */
const IMPORTANT: ReadonlySet<ClientEvent['type']> = new Set(['gap', 'identity-frozen', 'relay-fault'])

/** Diagnostics name nobody. */
const withoutAddresses = (text: string): string => text.replace(/dchat1[0-9a-z]+/gi, 'dchat1…')

/** What happened that no command asked for. */
const tellEvents = async (
  client: Client,
  { note, detail }: Pick<OwnerOptions, 'note' | 'detail'>,
  faults: Faults,
  signal: AbortSignal,
): Promise<void> => {
  let toldFull = false
  try {
    for await (const event of client.events({ signal })) {
      const { type, ...fields } = event
      if (event.type === 'problem' && event.code === 'storage/full') {
        const full = new DchatError('storage/full', { store: 'this profile' })
        if (!faults.report(full) && !toldFull) note(`${full.message} ${full.hint}`)
        toldFull = true
      }
      const told = Object.entries(fields).filter(([name]) => name !== 'address' && name !== 'conversation')
      const text = withoutAddresses([type, ...told.map(([name, value]) => `${name}=${value}`)].join(' '))
      if (IMPORTANT.has(type)) note(text)
      else detail(text)
    }
  } catch {
    // It ends with the owner; diagnostics never end a command.
  }
}

/** Serves the methods of an open client, here and on the local socket, until it closes. Takes the client over. */
export const createOwner = async (client: Client, { socket, note, detail }: OwnerOptions): Promise<Peer> => {
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const online = createOnline(client)
  const faults = createFaults()
  const dispatcher = createDispatcher({ client, online, faults, note, inOrder: createInOrder() })
  void tellEvents(client, { note, detail }, faults, closing.signal)
  let server: SocketServer | undefined
  if (socket !== undefined) {
    const greeting = { protocol: LOCAL_PROTOCOL, store: socket.store, pid: process.pid, relays: client.relays() }
    try {
      server = await serveSocket(dispatcher, greeting, socket)
    } catch (error) {
      if (!isDchatError(error)) {
        await client.close()
        throw error
      }
      note(`Other commands cannot attach to this one: ${error.message}`)
    }
  }
  const end = async (): Promise<void> => {
    // First the door, then the work, then the store: whoever attaches next finds either us or an open lock.
    await server?.close()
    closing.abort()
    online.close()
    await client.close()
  }
  let ending: Promise<void> | undefined
  return {
    role: 'owner',
    relays: client.relays(),
    ...inProcess(dispatcher, closing.signal),
    close: () => {
      ending ??= end()
      return ending
    },
  }
}
