import type { Happening, Surroundings } from '../../ports/surroundings.ts'

/** The part of EventTarget that is used: `window`, a worker's `self` and `document` have it. */
interface Target {
  addEventListener?(type: string, listener: (event: PageEvent) => void): void
  removeEventListener?(type: string, listener: (event: PageEvent) => void): void
}

/** `persisted` is told by 'pagehide' and 'pageshow': the page stands still and may come back as it was. */
interface PageEvent {
  readonly type: string
  readonly persisted?: boolean
}

/** What is looked at of a window, of a worker's global scope, or of a program without either. */
export interface PageGlobals extends Target {
  readonly navigator?: { readonly onLine?: boolean }
  readonly document?: Target & { readonly visibilityState?: string }
}

const OF_GLOBALS = ['online', 'offline', 'pagehide', 'pageshow'] as const
const OF_DOCUMENT = ['freeze', 'resume', 'visibilitychange'] as const

/**
 * What a browser tells a page (online and offline, the page lifecycle, the back/forward cache, visibility) or a worker
 * (online and offline). Where there is no browser nothing ever happens, and the machine counts as online. 'freeze' and
 * 'resume' come in turns, though browsers may tell of one standstill in two ways. Listens to the browser only while
 * somebody listens here.
 */
export const pageSurroundings = (globals: PageGlobals = globalThis as PageGlobals): Surroundings => {
  const listeners = new Set<{ readonly tell: (happening: Happening) => void }>()
  let frozen = false

  const tell = (happening: Happening) => {
    for (const listener of [...listeners]) if (listeners.has(listener)) listener.tell(happening)
  }
  const freeze = () => {
    if (frozen) return
    frozen = true
    tell('freeze')
  }
  const resume = () => {
    if (!frozen) return
    frozen = false
    tell('resume')
  }

  const happened = ({ type, persisted }: PageEvent): void => {
    if (type === 'online' || type === 'offline') return tell(type)
    if (type === 'freeze' || (type === 'pagehide' && persisted)) return freeze()
    if (type === 'resume' || (type === 'pageshow' && persisted)) return resume()
    if (type !== 'visibilitychange' || globals.document?.visibilityState !== 'visible') return
    // Who can be seen does not stand still, whatever was not told.
    resume()
    tell('visible')
  }

  const attach = () => {
    for (const type of OF_GLOBALS) globals.addEventListener?.(type, happened)
    for (const type of OF_DOCUMENT) globals.document?.addEventListener?.(type, happened)
  }
  const detach = () => {
    for (const type of OF_GLOBALS) globals.removeEventListener?.(type, happened)
    for (const type of OF_DOCUMENT) globals.document?.removeEventListener?.(type, happened)
    frozen = false
  }

  return {
    get online() {
      return globals.navigator?.onLine !== false
    },
    listen: (listener) => {
      const entry = { tell: listener }
      listeners.add(entry)
      if (listeners.size === 1) attach()
      return () => {
        if (listeners.delete(entry) && listeners.size === 0) detach()
      }
    },
  }
}
