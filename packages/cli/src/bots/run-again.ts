import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What belongs to no source: changes there begin nothing anew. */
const PASSED_OVER = /(?:^|[\\/])(?:node_modules|\.[^\\/]+)(?:[\\/]|$)/
/** An editor writes several files, or one of them twice; ms. */
const QUIET = 100

export interface RunAgain {
  readonly program: string
  readonly args: readonly string[]
  /** Whose changes count. */
  readonly folder: string
  /** `changed`: it is started anew. `ended`: it ended by itself, and a change starts it again. */
  readonly tell: (what: 'changed' | 'ended', code?: number | null) => void
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode)
    else child.once('close', resolve)
  })

/** Each change of the folder, the last of several that come at once. */
const changesOf = (folder: string, signal: AbortSignal) => {
  let wake = (): void => {}
  let isChanged = false
  const watcher = watch(folder, { recursive: true, signal }, (_, name) => {
    if (name === null || PASSED_OVER.test(name)) return
    isChanged = true
    wake()
  })
  // A folder that cannot be watched any more begins nothing anew.
  watcher.on('error', () => {})
  return {
    /** Resolves when something has changed since the last time, or by the signal. */
    next: async (): Promise<void> => {
      while (!isChanged && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      await sleep(QUIET, undefined, { signal }).catch(() => {})
      isChanged = false
    },
  }
}

/** Runs a program, and anew at each change, until `signal`. It is stopped in good order: what it began it ends. */
export const runAgain = async ({ program, args, folder, tell }: RunAgain, signal: AbortSignal): Promise<void> => {
  const changes = changesOf(folder, signal)
  while (!signal.aborted) {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    const over = ended(child)
    const changed = changes.next()
    const isOver = await Promise.race([over.then(() => true), changed.then(() => false)])
    if (isOver && !signal.aborted) tell('ended', await over)
    else child.kill('SIGTERM')
    await over
    await changed
    if (!signal.aborted) tell('changed')
  }
}
