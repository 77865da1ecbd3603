import type { Abortable } from '../../util/abort.ts'
import type { Search } from '../api/search.ts'
import type { Core } from '../core.ts'
import { findMessages } from './find.ts'
import { PeopleFinder } from './find-people.ts'
import { MessageIndex } from './message-index.ts'

/** Reads the index; `spawn` runs what keeps it true until the client closes. */
export const openSearch = async (core: Core, spawn: (work: Promise<void>) => void): Promise<Search> => {
  const index = new MessageIndex(core)
  await index.load()
  spawn(index.run())
  const people = new PeopleFinder(core)
  spawn(people.run())
  return {
    messages: (query) => findMessages(core, index, query),
    people: (text, options = {}) => people.find(text, options),
    ready: (options: Abortable = {}) => index.whole.wait({ signal: signalOf(core, options) }),
  }
}

const signalOf = ({ signal }: Core, options: Abortable): AbortSignal =>
  options.signal === undefined ? signal : AbortSignal.any([signal, options.signal])
