import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { findElectron, hasDisplay } from '../lib/electron.mjs'
import { root } from '../lib/run.mjs'
import { servePage } from './serve.mjs'

const DESKTOP = join(root, 'packages/desktop')

/** The window, until it is closed or `close`. `ended` resolves to its exit code. */
const openWindow = async (electron, data, suggestions) => {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const child = spawn(electron, [DESKTOP], {
    env: { ...env, DCHAT_APP_DATA: join(data, 'app'), DCHAT_SUGGESTIONS: suggestions },
    stdio: 'ignore',
  })
  await once(child, 'spawn')
  const ended = once(child, 'exit').then(([code]) => code)
  const close = async () => {
    child.kill()
    await ended
  }
  return { ended, close }
}

const foundElectron = () => (hasDisplay() ? findElectron() : undefined)

/**
 * The app, with this relay and the guide suggested: in a window where there is an Electron and a display, else as a page
 * on loopback, at the first free one of `ports`. `onPage` hears the page's address, `onWindow` that there is a
 * window, `onFailure` why neither is there any more.
 */
export const openApp = async (
  { data, ports, relay, invite, onPage, onWindow, onFailure },
  electron = foundElectron(),
) => {
  const suggestions = JSON.stringify({ relays: [{ url: relay, name: 'This machine' }], guide: invite })
  let page
  const serve = async () => {
    page = await servePage({ suggestions, ports })
    onPage(page.url)
  }
  const window = electron === undefined ? undefined : await openWindow(electron, data, suggestions).catch(() => {})
  if (window === undefined) await serve()
  else onWindow()
  // A window that could not open, on a machine without all that it needs, leaves the page.
  const instead = window?.ended.then((code) => (code === 0 || code === null ? undefined : serve()))
  instead?.catch(onFailure)
  const close = async () => {
    await window?.close()
    await instead?.catch(() => {})
    await page?.close()
  }
  return { close }
}
