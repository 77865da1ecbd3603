import type { ArchiveState, HistoryProgress } from '../../records/history.ts'
import type { Abortable } from '../../util/abort.ts'

/** The past, for devices that were not there. */
export interface History {
  progress(): Promise<HistoryProgress>
  /** The state now, then each change. */
  stream(options?: Abortable): AsyncIterable<HistoryProgress>
  /** Asks again, from the beginning; what is there already is passed over. */
  request(): Promise<void>
  archive(): Promise<ArchiveState>
}
