import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright'
import { expect, test } from 'vitest'
import { findElectron, hasDisplay, NO_ELECTRON } from '../../../../scripts/lib/electron.mjs'

const executablePath = findElectron()
const missing = executablePath === undefined ? NO_ELECTRON : 'there is no display that Electron may open a window on'
const runs = executablePath !== undefined && hasDisplay()
if (!runs) process.stderr.write(`Skipped: the real window: ${missing}.\n`)

/** What no stand-in can show: the sandbox, the key store of the system, and the page by its own scheme. */
test.skipIf(!runs)(`the real window opens, sandboxed, with the app in it${runs ? '' : ` (${missing})`}`, async () => {
  const data = await mkdtemp(join(tmpdir(), 'dchat-smoke-'))
  const app = await _electron.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [join(import.meta.dirname, '../..')],
    env: { ...(process.env as Record<string, string>), DCHAT_APP_DATA: data },
  })
  try {
    const page = await app.firstWindow()
    await page.getByLabel('Your name').waitFor()
    expect(page.url()).toBe('app://dchat/index.html')
    expect(await page.evaluate(() => [isSecureContext, 'require' in globalThis, 'dchatShell' in globalThis])).toEqual([
      true,
      false,
      true,
    ])
    const kept = await app.evaluate(({ safeStorage }) => safeStorage.isAsyncEncryptionAvailable())
    expect(kept).toBe(true)
  } finally {
    await app.close()
    await rm(data, { recursive: true, force: true })
  }
})
