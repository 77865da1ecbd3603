import { version } from '../../../../package.json'
import type { Updates } from '../../../core/host.ts'

/** Keeps a copy of the app in the browser, so that it opens without a network. A development server has none. */
const register = async (): Promise<ServiceWorkerRegistration | undefined> => {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return undefined
  try {
    return await navigator.serviceWorker.register('./service-worker.js')
  } catch {
    // A browser that allows none still has the app, as long as there is a network.
    return undefined
  }
}

const newVersion = async (worker: ServiceWorkerRegistration | undefined): Promise<ServiceWorker | undefined> => {
  // Offline, what is known is what there is.
  await worker?.update().catch(() => {})
  return worker?.waiting ?? undefined
}

/** New versions come from where the page came from, and wait until the person wants them. */
export const browserUpdates = (): Updates => {
  const registered = register()
  return {
    version,
    state: async () => ((await newVersion(await registered)) === undefined ? 'none' : 'ready'),
    install: async () => {
      const waiting = await newVersion(await registered)
      if (waiting === undefined) return location.reload()
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
      waiting.postMessage({ type: 'take-over' })
    },
  }
}
