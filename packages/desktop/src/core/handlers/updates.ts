/** The part of the system's updater that is used here. */
export interface Updater {
  /** Looks for a new version and fetches it. */
  check(): void
  install(): void
  onReady(listener: () => void): void
}

/** Where there is no updater, who installed the program also keeps it up to date. */
export const updates = (updater: Updater | undefined) => {
  let ready = false
  updater?.onReady(() => {
    ready = true
  })
  updater?.check()
  return {
    state: (): 'none' | 'ready' | 'managed-elsewhere' => {
      if (updater === undefined) return 'managed-elsewhere'
      return ready ? 'ready' : 'none'
    },
    install: (): void => {
      if (ready) updater?.install()
    },
  }
}
