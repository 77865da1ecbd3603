import type { Shell } from '../../core/channels.ts'
import type { Files, Host, Links, SystemNotifications, Updates } from '../../core/host.ts'
import { type Gives, PART } from '../../core/ipc.ts'
import { outsideLink } from '../../core/outside.ts'
import { printPage } from './print.ts'
import { callTo, hear } from './shell.ts'

type CallShell = ReturnType<typeof callTo>

const parts = function* (chunk: Uint8Array): Iterable<Uint8Array> {
  for (let from = 0; from < chunk.length; from += PART) yield chunk.slice(from, from + PART)
}

const electronFiles = (call: CallShell): Files => ({
  save: async (name, chunks) => {
    const id = await call('files.save', name)
    if (id === undefined) return false
    try {
      for await (const chunk of chunks) for (const bytes of parts(chunk)) await call('files.write', { id, bytes })
    } catch (error) {
      // The first error is the one to tell.
      await call('files.abandon', id).catch(() => {})
      throw error
    }
    await call('files.finish', id)
    return true
  },
  open: async (accept) => {
    const file = await call('files.open', accept)
    if (file === undefined) return undefined
    const { id, name, size } = file
    const chunks = async function* () {
      let from = 0
      for (;;) {
        const part = await call('files.read', { id, from })
        if (part.length === 0) return
        yield part
        from += part.length
      }
    }
    return { name, size, chunks }
  },
  print: printPage,
})

const electronLinks = (shell: Shell, call: CallShell): Links => {
  const listeners = new Set<(invite: string) => void>()
  const tell = (invite: string): void => {
    for (const listener of listeners) listener(invite)
  }
  hear(shell, 'links.invite', tell)
  return {
    open: (url) => {
      const href = outsideLink(url)
      if (href !== undefined) void call('links.open', href).catch(() => {})
    },
    onInvite: (listener) => {
      const first = listeners.size === 0
      listeners.add(listener)
      if (first)
        call('links.take', undefined).then(
          (invites) => invites.forEach(tell),
          () => {},
        )
      return () => listeners.delete(listener)
    },
  }
}

const electronNotifications = (shell: Shell, call: CallShell, allowed: boolean): SystemNotifications => {
  const state = allowed ? 'allowed' : 'denied'
  return {
    state: async () => state,
    ask: async () => state,
    // A notification that cannot be shown is no failure of what it tells about.
    show: ({ id, title, body }) =>
      void call('notifications.show', { id, title: title.slice(0, 200), body: body.slice(0, 1000) }).catch(() => {}),
    clear: (id) => void call('notifications.clear', id).catch(() => {}),
    onChosen: (listener) => hear(shell, 'notifications.chosen', listener),
  }
}

const electronUpdates = (call: CallShell, version: string): Updates => ({
  version,
  state: () => call('updates.state', undefined),
  install: () => call('updates.install', undefined),
})

const suggestionsOf = ({ relays, guide }: Gives<'suggestions'>) => ({
  relays,
  ...(guide === undefined ? {} : { guide }),
})

/** The desktop program around the page. */
export const electronHost = async (shell: Shell): Promise<Host> => {
  const call = callTo(shell)
  const { version, boundTo, notifies } = await call('about', undefined)
  return {
    kind: 'electron',
    secrets: {
      boundTo,
      wrap: (bytes) => call('secrets.wrap', bytes),
      unwrap: (wrapped) => call('secrets.unwrap', wrapped),
    },
    notifications: electronNotifications(shell, call, notifies),
    files: electronFiles(call),
    links: electronLinks(shell, call),
    updates: electronUpdates(call, version),
    suggestions: async () => suggestionsOf(await call('suggestions', undefined)),
    setBadge: (count) => void call('badge', count).catch(() => {}),
  }
}
