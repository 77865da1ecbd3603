import { DchatError } from '../../errors.ts'
import type { Channels } from '../../ports/channels.ts'

interface MessageLike {
  readonly data: unknown
}

/** The part of the platform's class that is used; windows, workers and Node have it. */
export interface BroadcastChannelLike {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: MessageLike) => void): void
  removeEventListener(type: 'message', listener: (event: MessageLike) => void): void
  close(): void
}

export type BroadcastChannelClass = new (name: string) => BroadcastChannelLike

/** Messages among all tabs and workers of an origin. Throws `storage/unavailable` where the platform has no such class. */
export const broadcastChannels = (
  BroadcastChannel: BroadcastChannelClass | undefined = (
    globalThis as unknown as { BroadcastChannel?: BroadcastChannelClass }
  ).BroadcastChannel,
): Channels => {
  if (BroadcastChannel === undefined)
    throw new DchatError('storage/unavailable', { store: 'of this browser', reason: 'BroadcastChannel is missing' })
  return {
    open: (name) => {
      const channel = new BroadcastChannel(name)
      let isOpen = true
      return {
        // What is said after the end is for nobody; the platform's class would throw.
        post: (message) => {
          if (isOpen) channel.postMessage(message)
        },
        listen: (listener) => {
          const heard = ({ data }: MessageLike) => listener(data)
          channel.addEventListener('message', heard)
          return () => channel.removeEventListener('message', heard)
        },
        close: () => {
          isOpen = false
          channel.close()
        },
      }
    },
  }
}
