import { browserHost } from '../../src/renderer/host/browser.ts'

declare global {
  var host: ReturnType<typeof browserHost>
}

/** Puts the browser's host where a test finds it. */
globalThis.host = browserHost()
