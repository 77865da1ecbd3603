import { setTimeout as sleep } from 'node:timers/promises'
import { isDchatError } from '@dchat/sdk/errors'
import type { Peer } from './peer.ts'

export interface AcquireOptions {
  /** Joins the owner; undefined if there is none, or if joining is not wanted. */
  readonly join: () => Promise<Peer | undefined>
  /** Opens the store; rejects with `storage/in-use` while another process has it. */
  readonly own: () => Promise<Peer>
  /** ms to wait for an owner that is starting or closing: it holds the store, but nobody answers yet. */
  readonly patience: number
  readonly signal?: AbortSignal | undefined
}

/**
 * One owner per store. The store's own lock decides who it is, so two commands that start at once cannot both win: the
 * loser finds the winner's socket, or waits until it stands.
 */
export const acquire = async ({ join, own, patience, signal }: AcquireOptions): Promise<Peer> => {
  const deadline = performance.now() + patience
  for (let pause = 20; ; pause = Math.min(pause * 2, 200)) {
    signal?.throwIfAborted()
    const joined = await join()
    if (joined !== undefined) return joined
    try {
      return await own()
    } catch (error) {
      if (!isDchatError(error, 'storage/in-use') || performance.now() + pause > deadline) throw error
    }
    // Not in step with the others who wait.
    await sleep(pause * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal }).catch(() => {})
  }
}
