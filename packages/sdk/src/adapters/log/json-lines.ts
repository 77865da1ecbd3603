import type { Log } from '../../ports/log.ts'

const LEVELS = ['debug', 'info', 'warn'] as const
export type LogLevel = (typeof LEVELS)[number]

export interface JsonLogOptions {
  /** The lowest level that is written; default 'info'. */
  readonly level?: LogLevel
  /** Takes one line with its line feed; default: stderr, because stdout belongs to data. */
  readonly write?: (line: string) => void
  readonly now?: () => number
}

/** One JSON object a line: `{"time": …, "level": …, "event": …, …fields}`. */
export const jsonLog = (options: JsonLogOptions = {}): Log => {
  const { level: lowest = 'info', write = (line) => void process.stderr.write(line), now = Date.now } = options
  const at =
    (level: LogLevel): Log['info'] =>
    (event, fields = {}) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(lowest)) return
      write(`${JSON.stringify({ ...fields, time: new Date(now()).toISOString(), level, event })}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn') }
}
