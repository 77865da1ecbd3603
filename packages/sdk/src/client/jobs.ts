import type { Store, StoreWriter } from '../domain/store/store.ts'
import { isDchatError } from '../errors.ts'
import { within } from '../util/wait.ts'
import { branch, type Core } from './core.ts'
import type { JobRecord, JobTask } from './records.ts'

const FIRST_RETRY = 1_000
const LAST_RETRY = 5 * 60_000

/** Adds durable work inside the transaction that makes it necessary. The same key again replaces the job. */
export const putJob = async (tx: StoreWriter, key: string, task: JobTask, dueAt: number): Promise<void> => {
  const ordinal = ((await tx.get<number>('meta', 'jobs')) ?? 0) + 1
  tx.put('meta', { key: 'jobs', value: ordinal })
  const record: JobRecord = { ...task, key, dueAt, attempts: 0, ordinal }
  tx.put('jobs', { key, scope: 'all', position: ordinal, value: record })
}

export const addJob = (store: Store, key: string, task: JobTask, dueAt: number): Promise<void> =>
  store.write((tx) => putJob(tx, key, task, dueAt))

/** Resolves when the work is done; `again` (ms) asks for another time without counting as a failure. */
export type JobHandler = (job: JobRecord) => Promise<void | { readonly again: number }>

/**
 * Runs durable jobs in the order of their creation, each when it is due. A job that fails for a passing reason comes
 * back later; one that fails for good is dropped and told as a `problem` event.
 */
export class JobRunner {
  readonly #core: Core
  readonly #run: JobHandler
  #round: Promise<void> | undefined

  constructor(core: Core, run: JobHandler) {
    this.#core = branch(core)
    this.#run = run
  }

  /** Works until the client closes. */
  async loop(): Promise<void> {
    const { store, clock, signal } = this.#core
    const changes = store.changes(['jobs'], { signal })[Symbol.asyncIterator]()
    let changed = changes.next()
    while (!signal.aborted) {
      if (!(await this.#tried())) {
        await clock.sleep(FIRST_RETRY, { signal })
        continue
      }
      const due = (await this.#all()).map(({ dueAt }) => dueAt)
      const pause = due.length === 0 ? LAST_RETRY : Math.max(50, Math.min(...due) - clock.now())
      const woken = await within(clock, Math.min(pause, LAST_RETRY), () => changed, { signal })
      if (woken) changed = changes.next()
    }
  }

  /** False where the store could not take the outcome (a full disk, say): what was done is done again later. */
  async #tried(): Promise<boolean> {
    try {
      await this.runDue()
      return true
    } catch (error) {
      if (!isDchatError(error) || !error.retryable) throw error
      return false
    }
  }

  /** Runs what is due now, once; callers that come while it runs share the round that follows. */
  async runDue(): Promise<void> {
    await this.#round
    const round = this.#work()
    this.#round = round.catch(() => undefined)
    await round
  }

  async hasDue(): Promise<boolean> {
    const now = this.#core.clock.now()
    return (await this.#all()).some(({ dueAt }) => dueAt <= now)
  }

  async #work(): Promise<void> {
    const { clock, signal } = this.#core
    for (const job of await this.#all()) {
      if (signal.aborted) return
      if (job.dueAt <= clock.now()) await this.#attempt(job)
    }
  }

  async #all(): Promise<readonly JobRecord[]> {
    const rows = await this.#core.store.read((tx) => tx.page<JobRecord>('jobs', { scope: 'all', limit: 10_000 }))
    return rows.map(({ value }) => value)
  }

  async #attempt(job: JobRecord): Promise<void> {
    const { store, clock, events, signal, log } = this.#core
    let again: number | undefined
    let failed = false
    try {
      again = (await this.#run(job))?.again
    } catch (error) {
      signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      if (error.retryable) {
        failed = true
        again = Math.min(FIRST_RETRY * 2 ** Math.min(job.attempts, 16), LAST_RETRY)
      }
      // A full disk passes only when somebody frees it.
      if (!error.retryable || error.code === 'storage/full')
        events.emit({ type: 'problem', code: error.code, message: error.message })
      log.info('job failed', { kind: job.kind, code: error.code })
    }
    await store.write(async (tx) => {
      const current = await tx.get<JobRecord>('jobs', job.key)
      if (current?.ordinal !== job.ordinal) return
      if (again === undefined) tx.delete('jobs', job.key)
      else {
        const attempts = failed ? job.attempts + 1 : job.attempts
        const value: JobRecord = { ...job, attempts, dueAt: clock.now() + again }
        tx.put('jobs', { key: job.key, scope: 'all', position: job.ordinal, value })
      }
    })
  }
}
