/** How far this device has got with the past that it was not there for. */
export interface HistoryProgress {
  /** `waiting`: nobody has answered yet. `idle`: nothing was asked for. */
  readonly state: 'idle' | 'waiting' | 'receiving' | 'done' | 'nothing-there'
  /** Who gives it. */
  readonly from?: 'device' | 'archive'
  /** Messages taken so far, and in all where that is known. */
  readonly messages: number
  readonly total?: number
  /** Everything from here on is there: ms since 1970. */
  readonly since?: number
}

/** What devices keep, sealed, at the home relays. */
export interface ArchiveState {
  /** Message bodies too; topics and members are kept always. */
  readonly bodies: boolean
  /** Bytes at each home relay, by this device's count. */
  readonly bytes: number
  readonly messages: number
  /** Messages that are not there yet. */
  readonly behind: number
  /** A home relay has no more room: what is new is not kept there until it has. */
  readonly full: boolean
}
