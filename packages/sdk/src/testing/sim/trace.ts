import { createHash } from 'node:crypto'
import type { SimTrace } from './types.ts'

/** What happened, as lines. */
export class Trace implements SimTrace {
  readonly #lines: string[] = []
  readonly #hash = createHash('sha256')
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  get length(): number {
    return this.#lines.length
  }

  lines(): readonly string[] {
    return this.#lines
  }

  hash(): string {
    return this.#hash.copy().digest('hex')
  }

  note(kind: string, who: string, what = ''): void {
    const line = `${this.#now()} ${kind} ${who}${what === '' ? '' : ` ${what}`}`
    this.#lines.push(line)
    this.#hash.update(`${line}\n`)
  }
}
