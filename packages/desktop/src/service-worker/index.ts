/**
 * Keeps one version of the app's files in the browser and serves the app from them, so that it opens without a network
 * and never mixes versions. It knows nothing of messages and keys.
 */
interface Build {
  readonly version: string
  readonly files: readonly string[]
}

/** `dchatBuild` is written in front of this script by the build. */
const worker = self as unknown as ServiceWorkerGlobalScope & { readonly dchatBuild: Build }

const PREFIX = 'dchat-files-'
const { version, files } = worker.dchatBuild
const NAME = `${PREFIX}${version}`
const kept = new Set(files)

const keep = async (): Promise<void> => {
  const cache = await caches.open(NAME)
  await cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })))
}

const forgetOthers = async (): Promise<void> => {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name)
}

/** The path of one of the app's own files; undefined for everything else, which goes to the network as ever. */
const fileOf = ({ method, url }: Request): string | undefined => {
  const scope = worker.registration.scope
  if (method !== 'GET' || !url.startsWith(scope)) return undefined
  const path = url.slice(scope.length).replace(/[?#].*$/, '') || 'index.html'
  return kept.has(path) ? path : undefined
}

const answer = async (path: string, request: Request): Promise<Response> => {
  const found = await (await caches.open(NAME)).match(path)
  return found ?? fetch(request)
}

worker.addEventListener('install', (event) => event.waitUntil(keep()))

worker.addEventListener('activate', (event) => event.waitUntil(forgetOthers().then(() => worker.clients.claim())))

worker.addEventListener('fetch', (event) => {
  const path = fileOf(event.request)
  if (path !== undefined) event.respondWith(answer(path, event.request))
})

worker.addEventListener('message', ({ data }) => {
  if (data?.type === 'take-over') void worker.skipWaiting()
})

worker.addEventListener('notificationclick', (event) => {
  const { notification } = event
  const id = notification.tag
  notification.close()
  const bring = async (): Promise<void> => {
    const [page] = await worker.clients.matchAll({ type: 'window' })
    if (page === undefined) await worker.clients.openWindow('./')
    else {
      await page.focus()
      page.postMessage({ type: 'notification-chosen', id })
    }
  }
  event.waitUntil(bring())
})
