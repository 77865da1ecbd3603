import { DchatError } from '@dchat/sdk/errors'
import type { CallName, CallOptions, Calls, StreamName, Streams } from '../methods/types.ts'
import { OwnerGone } from '../rpc/connection.ts'
import type { Peer } from './peer.ts'

export interface StreamOptions<S extends StreamName> extends CallOptions {
  /** How to go on after the owner went away, from the last element that was handed out. Default: only before the first. */
  readonly resume?: (last: Streams[S]['item'] | undefined) => Streams[S]['params']
}

export interface RepeatOptions extends CallOptions {
  /** Not to be repeated: done twice it would be done twice. `storage/unavailable` tells that nobody knows. */
  readonly once?: true
}

/** The methods, whoever owns the store, also while owners change. */
export interface Session {
  call<M extends CallName>(method: M, params: Calls[M]['params'], options?: RepeatOptions): Promise<Calls[M]['result']>
  stream<S extends StreamName>(
    method: S,
    params: Streams[S]['params'],
    options?: StreamOptions<S>,
  ): AsyncIterable<Streams[S]['item']>
  close(): Promise<void>
}

const ownerEnded = (hint?: string): DchatError =>
  new DchatError(
    'storage/unavailable',
    { store: 'of this profile', reason: 'its owner ended meanwhile' },
    hint === undefined ? {} : { hint },
  )

/**
 * Repeats what was under way when an owner went away with the next one. That is safe because methods are idempotent: a
 * message without a client id of the user's gets one before its first attempt. What is not is asked for once.
 */
export const createSession = (acquire: () => Promise<Peer>): Session => {
  let current: Promise<Peer> | undefined
  let closed = false

  const peer = (): Promise<Peer> => {
    if (closed) return Promise.reject(new DchatError('usage/closed', { what: 'session' }))
    if (current === undefined) {
      const mine = acquire()
      current = mine
      mine.catch(() => {
        if (current === mine) current = undefined
      })
    }
    return current
  }

  /** Forgets an owner that went away; those who failed together take the next one in the order in which they asked. */
  const lost = async (mine: Promise<Peer>): Promise<void> => {
    if (current !== mine) return
    current = undefined
    await (await mine).close()
  }

  return {
    call: async (method, params, options) => {
      for (;;) {
        const mine = peer()
        try {
          return await (await mine).call(method, params, options)
        } catch (error) {
          if (!(error instanceof OwnerGone)) throw error
          void lost(mine)
          if (options?.once === true) throw ownerEnded('It may be done: look before you repeat it.')
        }
      }
    },
    async *stream(method, params, { resume, signal } = {}) {
      for (let next = params, started = false; ; ) {
        const mine = peer()
        let last: Streams[typeof method]['item'] | undefined
        try {
          for await (const item of (await mine).stream(method, next, { signal })) {
            started = true
            last = item
            yield item
          }
          return
        } catch (error) {
          if (!(error instanceof OwnerGone)) throw error
          void lost(mine)
          if (resume !== undefined) next = last === undefined ? next : resume(last)
          else if (started) throw ownerEnded()
        }
      }
    },
    close: async () => {
      closed = true
      const mine = current
      current = undefined
      await mine?.then(
        (open) => open.close(),
        () => {},
      )
    },
  }
}
