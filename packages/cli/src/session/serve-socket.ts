import { setMaxListeners } from 'node:events'
import { chmod, rm } from 'node:fs/promises'
import type { Server } from 'node:net'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'
import type { Dispatcher } from '../rpc/serve.ts'
import { serveConnection } from '../rpc/serve.ts'
import type { AttachOptions } from './attach.ts'
import { visit } from './attach.ts'
import type { Greeting } from './greeting.ts'
import { GREETING } from './greeting.ts'
import { openOwnFolder } from './private-folder.ts'

export interface SocketServer {
  readonly path: string
  close(): Promise<void>
}

const withGreeting = (dispatcher: Dispatcher, greeting: Greeting): Dispatcher => ({
  kind: (method) => (method === GREETING ? 'call' : dispatcher.kind(method)),
  call: (method, params, signal) =>
    method === GREETING ? Promise.resolve(greeting) : dispatcher.call(method, params, signal),
  stream: dispatcher.stream,
})

const listenAt = (server: Server, path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    }
    server.once('error', failed)
    server.listen(path, () => {
      server.off('error', failed)
      resolve(true)
    })
  })

/**
 * Takes one place, if it is free. Only the owner of the store calls this, so a file where nobody answers, or that claims
 * to be this very store, is what an earlier owner left behind.
 */
const take = async (server: Server, path: string, options: AttachOptions): Promise<boolean> => {
  const isFile = !path.startsWith('\\\\')
  if (isFile) await openOwnFolder(dirname(path), options.uid)
  if (!(await listenAt(server, path))) {
    const found = await visit(path, options)
    found?.[0].close()
    if (found !== undefined && found[1].store !== options.store) return false
    await rm(path, { force: true })
    if (!(await listenAt(server, path))) return false
  }
  if (isFile) await chmod(path, 0o600)
  return true
}

/** Offers the methods to this user's other processes. Throws `storage/unavailable` if no place can be taken. */
export const serveSocket = async (
  dispatcher: Dispatcher,
  greeting: Greeting,
  options: AttachOptions,
): Promise<SocketServer> => {
  const closing = new AbortController()
  // One for each connection.
  setMaxListeners(0, closing.signal)
  const greeted = withGreeting(dispatcher, greeting)
  const connections = new Set<Promise<void>>()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    const served = serveConnection(socket, greeted, closing.signal)
    connections.add(served)
    void served.finally(() => connections.delete(served))
  })
  for (const path of options.paths) {
    if (!(await take(server, path, options))) continue
    return {
      path,
      close: async () => {
        const closed = new Promise<void>((resolve) => {
          server.close(() => resolve())
        })
        closing.abort()
        await Promise.all([closed, ...connections])
      },
    }
  }
  throw new DchatError('storage/unavailable', { store: options.store, reason: 'no local socket could be opened' })
}
