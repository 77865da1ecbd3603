import { openHost } from '../host/index.ts'
import { Accounts } from '../state/accounts.svelte.ts'
import { AppDatabase } from '../state/app-database.ts'
import type { Appearance } from '../state/appearance.svelte.ts'
import { Desk } from '../state/desk.svelte.ts'
import { Disk } from '../state/disk.svelte.ts'
import { Troubles } from '../state/troubles.svelte.ts'

/** Makes everything that the window works with, and begins to read who is here. */
export const start = async (appearance: Appearance): Promise<Desk> => {
  const host = await openHost()
  const database = new AppDatabase()
  const troubles = new Troubles(new Disk(() => database.hasRoom()))
  const accounts = new Accounts(host, database, troubles)
  const desk = new Desk(host, accounts, appearance, troubles)
  const over = new AbortController()
  addEventListener('pagehide', (event) => {
    // A page that may come back keeps what it has; one that ends gives its stores to another window.
    if (event.persisted) return
    over.abort()
    void accounts.close()
  })
  await accounts.start(over.signal)
  return desk
}
