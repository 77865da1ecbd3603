/** The one origin of the app's own pages in the desktop program. */
export const APP_SCHEME = 'app'
const APP_ORIGIN = 'app://dchat'
export const APP_PAGE = `${APP_ORIGIN}/index.html`

/** True for the app's own pages. An address that only looks like one is none. */
export const isOwnPage = (url: string): boolean => {
  if (!URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  // `origin` is "null" for a scheme that this runtime does not know.
  return `${protocol}//${host}` === APP_ORIGIN
}

/** What the app needs of what a page can ask for; everything else is refused. */
const PERMISSIONS: ReadonlySet<string> = new Set([
  'notifications',
  'clipboard-sanitized-write',
  'fullscreen',
  'persistent-storage',
  // Relays on this machine and in its network.
  'local-network',
  'local-network-access',
  'loopback-network',
])

/** `media`: what a page wants to record. A camera reads QR codes; nothing listens. */
export const mayUse = (permission: string, url: string, media: readonly string[] = []): boolean => {
  if (!isOwnPage(url)) return false
  if (permission === 'media') return media.length > 0 && media.every((kind) => kind === 'video')
  return PERMISSIONS.has(permission)
}
