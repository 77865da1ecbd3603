/** The two channels of Electron's IPC that everything between page and program goes through (see ipc.ts). */
export const CALL_CHANNEL = 'dchat:call'
export const EVENT_CHANNEL = 'dchat:event'

/** What the preload script leaves in the page, and nothing else. */
export interface Shell {
  call(name: string, params: unknown): Promise<unknown>
  /** Returns how to stop listening. */
  listen(listener: (name: unknown, value: unknown) => void): () => void
}

/** Where in the page it stands. */
export const SHELL = 'dchatShell'
