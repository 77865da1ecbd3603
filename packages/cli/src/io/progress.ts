import type { Context } from '../command/context.ts'

export interface Progress {
  /** Redraws the line, at most a few times a second. */
  tell(done: number, total: number): void
  /** Takes the line away. */
  end(): void
}

/** ms between two drawings. */
const PAUSE = 100

/** One line on stderr that counts, where a person watches; programs read the result. */
export const createProgress = ({ host, globals }: Pick<Context, 'host' | 'globals'>, what: string): Progress => {
  const { stderr } = host
  if (stderr.isTTY !== true || globals.quiet || globals.json) return { tell: () => {}, end: () => {} }
  let last = Number.NEGATIVE_INFINITY
  let shown = false
  return {
    tell: (done, total) => {
      const now = performance.now()
      if (total === 0 || (now - last < PAUSE && done < total)) return
      last = now
      shown = true
      stderr.write(`\r${what} ${Math.floor((100 * done) / total)} %`)
    },
    end: () => {
      if (shown) stderr.write('\r\u001b[K')
    },
  }
}
