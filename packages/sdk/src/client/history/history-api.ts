import type { ArchiveState, HistoryProgress } from '../../records/history.ts'
import type { Abortable } from '../../util/abort.ts'
import { askAhead } from '../../util/streams.ts'
import type { History } from '../api/history.ts'
import type { Core } from '../core.ts'

export class HistoryApi implements History {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  async progress(): Promise<HistoryProgress> {
    const { getHistory, progressOf } = await import('../later.ts')
    return progressOf(await this.#core.store.read(getHistory))
  }

  async *stream(options: Abortable = {}): AsyncGenerator<HistoryProgress> {
    const { store } = this.#core
    const signal = options.signal ?? this.#core.signal
    const changes = store.changes(['archive'], { signal })[Symbol.asyncIterator]()
    let last: string | undefined
    while (true) {
      const changed = askAhead(changes)
      const progress = await this.progress()
      const shape = JSON.stringify(progress)
      if (shape !== last) yield progress
      last = shape
      if ((await changed).done) return
    }
  }

  async request(): Promise<void> {
    await (await import('../later.ts')).askHistory(this.#core)
  }

  async archive(): Promise<ArchiveState> {
    return (await import('../later.ts')).archiveState(this.#core)
  }
}
