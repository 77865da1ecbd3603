import type { SystemNotification, SystemNotifications } from '../../../core/host.ts'

const STATES = { granted: 'allowed', denied: 'denied', default: 'ask' } as const

/** Some browsers, most of them on phones, show notifications of service workers only. */
const showByWorker = async ({ id, title, body }: SystemNotification): Promise<void> => {
  const worker = await navigator.serviceWorker?.getRegistration()
  await worker?.showNotification(title, { body, tag: id })
}

/** Notifications of the browser; they need its permission. */
export const browserNotifications = (): SystemNotifications => {
  const listeners = new Set<(id: string) => void>()
  const shown = new Map<string, Notification>()
  const choose = (id: string): void => {
    window.focus()
    for (const listener of listeners) listener(id)
  }
  navigator.serviceWorker?.addEventListener('message', ({ data }) => {
    if (data?.type === 'notification-chosen' && typeof data.id === 'string') choose(data.id)
  })
  const show = (notification: SystemNotification): void => {
    const { id, title, body } = notification
    try {
      const each = new Notification(title, { body, tag: id })
      shown.set(id, each)
      each.onclick = () => {
        each.close()
        choose(id)
      }
      each.onclose = () => {
        if (shown.get(id) === each) shown.delete(id)
      }
    } catch {
      // A notification that cannot be shown is no failure of what it tells about.
      void showByWorker(notification).catch(() => {})
    }
  }
  const clearByWorker = async (tag: string): Promise<void> => {
    const worker = await navigator.serviceWorker?.getRegistration()
    for (const each of (await worker?.getNotifications({ tag })) ?? []) each.close()
  }
  return {
    state: async () => (typeof Notification === 'undefined' ? 'denied' : STATES[Notification.permission]),
    ask: async () => {
      if (typeof Notification === 'undefined') return 'denied'
      return (await Notification.requestPermission()) === 'granted' ? 'allowed' : 'denied'
    },
    show: (notification) => {
      if (typeof Notification !== 'undefined' && Notification.permission === 'granted') show(notification)
    },
    clear: (id) => {
      shown.get(id)?.close()
      shown.delete(id)
      void clearByWorker(id).catch(() => {})
    },
    onChosen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
