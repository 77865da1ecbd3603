import type { Host } from '../../core/host.ts'
import { NONE, readSuggestions } from '../../core/suggestions.ts'
import { browserFiles } from './browser/files.ts'
import { browserLinks } from './browser/links.ts'
import { browserNotifications } from './browser/notifications.ts'
import { browserSecrets } from './browser/secrets.ts'
import { browserUpdates } from './browser/updates.ts'

/** `suggestions.json` stands beside the page where whoever serves it has something to suggest. */
const suggestions = async () => {
  try {
    const answer = await fetch('./suggestions.json', { cache: 'no-store' })
    return answer.ok ? readSuggestions(await answer.text()) : NONE
  } catch {
    return NONE
  }
}

const setBadge = (count: number): void => {
  // Not every browser has a badge, and those that have one refuse it to pages that are not installed.
  const done = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.()
  done?.catch(() => {})
}

/** A plain browser, with the page open in a tab or installed as an app. */
export const browserHost = (): Host => ({
  kind: 'browser',
  secrets: browserSecrets(),
  notifications: browserNotifications(),
  files: browserFiles(),
  links: browserLinks(),
  updates: browserUpdates(),
  suggestions,
  setBadge,
})
