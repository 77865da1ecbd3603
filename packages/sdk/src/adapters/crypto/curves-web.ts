import type { Ed25519, X25519 } from './curves.ts'
import { platformEd25519, platformX25519 } from './curves-platform.ts'
import { subtle } from './subtle.ts'

/** Each curve of this platform: its own, or one in JavaScript that is loaded only where the platform has none. */
export interface WebCurves {
  readonly ed25519: () => Promise<Ed25519>
  readonly x25519: () => Promise<X25519>
}

/** Asks the platform once per curve, at the first use, by making a pair. */
export const webCurves = (): WebCurves => {
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined
    return () => {
      made ??= make()
      // A chunk that could not be loaded is asked for again.
      made.catch(() => {
        made = undefined
      })
      return made
    }
  }
  const has = async (name: string, uses: ('sign' | 'verify' | 'deriveBits')[]): Promise<boolean> => {
    const platform = subtle()
    try {
      await platform.generateKey(name, false, uses)
      return true
    } catch {
      return false
    }
  }
  return {
    ed25519: once(async () =>
      (await has('Ed25519', ['sign', 'verify']))
        ? platformEd25519()
        : (await import('./curves-noble.ts')).nobleEd25519(),
    ),
    x25519: once(async () =>
      (await has('X25519', ['deriveBits'])) ? platformX25519() : (await import('./curves-noble.ts')).nobleX25519(),
    ),
  }
}

/** X25519 of a browser, whichever it is. */
export const webX25519 = (curves: WebCurves): X25519 => ({
  publicKey: async (privateKey) => (await curves.x25519()).publicKey(privateKey),
  shared: async (privateKey, publicKey) => (await curves.x25519()).shared(privateKey, publicKey),
})
