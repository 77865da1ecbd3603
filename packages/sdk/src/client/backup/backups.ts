import type { Backups } from '../api/backup.ts'
import type { Core } from '../core.ts'

/** Loads what it needs when it is used: most sessions make no backup. */
export class BackupsApi implements Backups {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  async *export(options: Parameters<Backups['export']>[0]): AsyncGenerator<Uint8Array> {
    const { exportBackup } = await import('../later.ts')
    yield* exportBackup(this.#core, options)
  }
}
