import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'
import type { Connection } from '../rpc/connection.ts'
import { OwnerGone, openConnection } from '../rpc/connection.ts'
import type { Greeting } from './greeting.ts'
import { GREETING, LOCAL_PROTOCOL, parseGreeting } from './greeting.ts'
import type { Peer } from './peer.ts'
import { assertOwnFolder } from './private-folder.ts'

export interface AttachOptions {
  readonly paths: readonly string[]
  /** The folder of the store that is meant. */
  readonly store: string
  readonly uid: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** ms that an owner may take to greet. It answers from memory, so more than this means that it hangs. */
const GREETING_TIME = 5000

/** Nobody listens there: no file, a file that a killed process left, or an owner that is just closing. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTDIR', 'ENOTSOCK', 'EPIPE'])

const isNobody = (error: unknown): boolean =>
  error instanceof OwnerGone ||
  (error instanceof Error && 'code' in error && typeof error.code === 'string' && NOBODY.has(error.code))

const dial = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      // What breaks later ends the reading loop; nothing else listens.
      socket.on('error', () => {})
      resolve(socket)
    })
  })

const greet = async (connection: Connection, store: string, signal?: AbortSignal): Promise<Greeting> => {
  const late = AbortSignal.timeout(GREETING_TIME)
  try {
    const options = { signal: signal === undefined ? late : AbortSignal.any([signal, late]) }
    const greeting = parseGreeting(await connection.ask(GREETING, { protocol: LOCAL_PROTOCOL }, options))
    if (greeting?.protocol === LOCAL_PROTOCOL) return greeting
    const found = greeting === undefined ? [] : [greeting.protocol]
    throw new DchatError('protocol/unsupported-version', { found, supported: [LOCAL_PROTOCOL] })
  } catch (error) {
    if (late.aborted && signal?.aborted !== true)
      throw new DchatError('storage/in-use', { store, owner: 'a process that does not answer' }, { cause: error })
    throw error
  }
}

/** Who listens at one place; undefined if nobody does. */
export const visit = async (path: string, options: AttachOptions): Promise<[Connection, Greeting] | undefined> => {
  const { store, uid, signal } = options
  let connection: Connection | undefined
  try {
    if (!path.startsWith('\\\\')) await assertOwnFolder(dirname(path), uid)
    connection = openConnection(await dial(path))
    return [connection, await greet(connection, store, signal)]
  } catch (error) {
    connection?.close()
    if (isNobody(error)) return undefined
    throw error
  }
}

/** Joins the process that owns the store; undefined if there is none. */
export const attach = async (options: AttachOptions): Promise<Peer | undefined> => {
  for (const path of options.paths) {
    const found = await visit(path, options)
    if (found === undefined) continue
    const [connection, greeting] = found
    if (greeting.store === options.store)
      return {
        role: 'attached',
        relays: greeting.relays,
        call: connection.call,
        stream: connection.stream,
        close: async () => connection.close(),
      }
    connection.close()
  }
  return undefined
}
