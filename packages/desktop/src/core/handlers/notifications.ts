import type { SystemNotification } from '../host.ts'

/** One notification of the system. */
export interface Shown {
  close(): void
}

/** Shows one; `chosen` when the person chose it, `gone` when it is not on the screen any more. */
export type ShowOne = (notification: SystemNotification, chosen: () => void, gone: () => void) => Shown

/** The notifications that are on the screen; one with the same id replaces the earlier one. */
export const shownNotifications = (show: ShowOne, chosen: (id: string) => void) => {
  const shown = new Map<string, Shown>()
  const clear = (id: string): void => {
    const found = shown.get(id)
    shown.delete(id)
    found?.close()
  }
  return {
    show: (notification: SystemNotification): void => {
      const { id } = notification
      clear(id)
      const each = show(
        notification,
        () => {
          clear(id)
          chosen(id)
        },
        () => {
          if (shown.get(id) === each) shown.delete(id)
        },
      )
      shown.set(id, each)
    },
    clear,
  }
}
