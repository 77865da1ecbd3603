import type { Links } from '../../../core/host.ts'
import { inviteIn } from '../../../core/invite.ts'
import { outsideLink } from '../../../core/outside.ts'

/** Other programs may have written a link's signs out once more. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The invite behind the `#` of this page's address, which is taken out of it: it must not be shared with the page. */
const takeFromAddress = (): string | undefined => {
  const { hash, pathname, search } = location
  const text = hash.slice(1)
  const invite = inviteIn(text) ?? inviteIn(decoded(text))
  if (invite !== undefined) history.replaceState(history.state, '', `${pathname}${search}`)
  return invite
}

/** Links by the browser's own means; an invite comes as `https://…/#dchat:…`. */
export const browserLinks = (): Links => {
  const listeners = new Set<(invite: string) => void>()
  let waiting: string | undefined
  const look = (): void => {
    const invite = takeFromAddress()
    if (invite === undefined) return
    if (listeners.size === 0) waiting = invite
    for (const listener of listeners) listener(invite)
  }
  addEventListener('hashchange', look)
  look()
  return {
    open: (url) => {
      const href = outsideLink(url)
      if (href === undefined) return
      Object.assign(document.createElement('a'), { href, target: '_blank', rel: 'noopener noreferrer' }).click()
    },
    onInvite: (listener) => {
      listeners.add(listener)
      if (waiting !== undefined) listener(waiting)
      waiting = undefined
      return () => listeners.delete(listener)
    },
  }
}
