import type { Readable, Writable } from 'node:stream'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** The process as the program sees it; only `main.ts` fills it from the real one. */
export interface Host {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[]
  readonly env: Environment
  readonly platform: string
  readonly home: string
  readonly temporary: string
  /** Undefined where the system has no such thing. */
  readonly uid: number | undefined
  readonly stdin: Readable & Terminal
  readonly stdout: Writable & Terminal
  readonly stderr: Writable & Terminal
  /** Aborts with a `Stopped` on SIGINT, SIGTERM and a broken pipe. */
  readonly signal: AbortSignal
}
