/** How far the past has come, and what is kept of it, as plain JSON. Field names as in the SDK. */

export interface ProgressView {
  readonly state: 'idle' | 'waiting' | 'receiving' | 'done' | 'nothing-there'
  readonly from?: 'device' | 'archive'
  readonly messages: number
  readonly total?: number
  /** Everything from here on is there: ms since 1970. */
  readonly since?: number
}

export interface ArchiveView {
  readonly bodies: boolean
  readonly bytes: number
  readonly messages: number
  readonly behind: number
  readonly full: boolean
}

export interface HistoryCalls {
  'history.status': {
    params: Record<never, never>
    result: { readonly progress: ProgressView; readonly archive: ArchiveView }
  }
}

export interface HistoryStreams {
  /** Takes the past, and ends when all of it is here, nobody has any, or nobody has answered for `timeout` ms. */
  'history.fetch': {
    params: { readonly again?: boolean; readonly timeout?: number; readonly patience?: number }
    item: ProgressView
  }
}
