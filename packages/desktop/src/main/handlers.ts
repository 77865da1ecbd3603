import { app, type BrowserWindow, Notification } from 'electron'
import type { Handlers } from '../core/answer.ts'
import { EVENT_CHANNEL } from '../core/channels.ts'
import { chosenFiles } from '../core/handlers/files.ts'
import { inviteQueue } from '../core/handlers/invites.ts'
import { shownNotifications } from '../core/handlers/notifications.ts'
import { systemSecrets } from '../core/handlers/secrets.ts'
import { updates } from '../core/handlers/updates.ts'
import type { Event, Tells } from '../core/ipc.ts'
import { NONE, readSuggestions } from '../core/suggestions.ts'
import { openOutside } from './guards.ts'
import { fileDialogs, showNotification, systemKeys, systemUpdater } from './system.ts'
import { bringToFront } from './window.ts'

export interface Surroundings {
  readonly window: () => BrowserWindow
  /** Suggestions of whoever started the program, as JSON. */
  readonly suggestions: string | undefined
  /** Where new versions are. */
  readonly feed: string | undefined
}

/** The program's side of the contract. `page` tells how the page comes and goes. */
export const makeHandlers = ({ window, suggestions, feed }: Surroundings) => {
  const tell = <E extends Event>(event: E, value: Tells<E>): void =>
    window().webContents.send(EVENT_CHANNEL, event, value)
  const secrets = systemSecrets(systemKeys, process.platform)
  const files = chosenFiles(fileDialogs(window))
  const invites = inviteQueue((invite) => tell('links.invite', invite))
  const update = updates(systemUpdater(feed, app.isPackaged))
  const notifications = shownNotifications(showNotification, (id) => {
    bringToFront(window())
    tell('notifications.chosen', id)
  })
  const handlers: Handlers = {
    about: () => ({ version: app.getVersion(), boundTo: secrets.boundTo, notifies: Notification.isSupported() }),
    suggestions: () => {
      const { relays, guide } = suggestions === undefined ? NONE : readSuggestions(suggestions)
      return { relays: [...relays], guide }
    },
    'secrets.wrap': secrets.wrap,
    'secrets.unwrap': secrets.unwrap,
    'notifications.show': notifications.show,
    'notifications.clear': notifications.clear,
    'files.save': files.save,
    'files.write': files.write,
    'files.finish': files.finish,
    'files.abandon': files.abandon,
    'files.open': files.open,
    'files.read': files.read,
    'links.open': openOutside,
    'links.take': invites.take,
    'updates.state': update.state,
    'updates.install': update.install,
    badge: (count) => void app.setBadgeCount(count),
  }
  const gone = async (): Promise<void> => {
    invites.pause()
    await files.close()
  }
  return { handlers, invites, gone }
}
