import { choicesOf, DEFAULTS, isSetting } from '../../domain/personal/settings.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { Settings } from '../../records/personal.ts'
import type { Abortable } from '../../util/abort.ts'
import { askAhead } from '../../util/streams.ts'
import type { SettingsApi } from '../api/personal.ts'
import type { Core } from '../core.ts'
import { listRegisters, setRegister } from './registers.ts'

/** What this person chose, with the defaults for the rest. */
export const readSettings = async (tx: StoreReader): Promise<Settings> => {
  const chosen = (await listRegisters(tx, 'setting')).filter(({ subject }) => isSetting(subject))
  return { ...DEFAULTS, ...Object.fromEntries(chosen.map(({ subject, value }) => [subject, value])) }
}

export class PersonalSettings implements SettingsApi {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  get(): Promise<Settings> {
    return this.#core.store.read(readSettings)
  }

  async set(changes: Partial<Settings>): Promise<Settings> {
    const wanted = Object.entries(changes).filter(([, value]) => value !== undefined)
    for (const [name, value] of wanted) {
      const invalid = (reason: string) => new DchatError('usage/invalid-argument', { name, reason })
      if (!isSetting(name)) throw invalid('there is no such setting')
      if (!choicesOf(name).includes(value)) throw invalid(`it is one of ${choicesOf(name).join(', ')}`)
    }
    return this.#core.store.write(async (tx) => {
      for (const [name, value] of wanted) await setRegister(tx, this.#core, 'setting', name, value)
      return readSettings(tx)
    })
  }

  async *stream(options: Abortable = {}): AsyncGenerator<Settings> {
    const { store } = this.#core
    const signal = options.signal ?? this.#core.signal
    const changes = store.changes(['personal'], { signal })[Symbol.asyncIterator]()
    let last: string | undefined
    while (true) {
      const changed = askAhead(changes)
      const settings = await this.get()
      if (JSON.stringify(settings) !== last) yield settings
      last = JSON.stringify(settings)
      if ((await changed).done) return
    }
  }
}
