import type { Store, StoreWriter } from '../domain/store/store.ts'
import { isDchatError } from '../errors.ts'
import { askAhead } from '../util/streams.ts'
import { leftOf, waitFrom } from '../util/time.ts'
import { Latch, within } from '../util/wait.ts'
import { branch, type Core } from './core.ts'
import type { JobRecord, JobTask } from './records.ts'

const FIRST_RETRY = 1_000
const LAST_RETRY = 5 * 60_000

/**
 * Adds durable work inside the transaction that makes it necessary, to be done `after` so many ms (default: at once) from
 * `now` on. The same key again replaces the job.
 */
export const putJob = async (tx: StoreWriter, key: string, task: JobTask, now: number, after = 0): Promise<void> => {
  const ordinal = ((await tx.get<number>('meta', 'jobs')) ?? 0) + 1
  tx.put('meta', { key: 'jobs', value: ordinal })
  const record: JobRecord = { ...task, key, ...waitFrom(now, after), attempts: 0, ordinal }
  tx.put('jobs', { key, scope: 'all', position: ordinal, value: record })
}

export const addJob = (store: Store, key: string, task: JobTask, now: number, after = 0): Promise<void> =>
  store.write((tx) => putJob(tx, key, task, now, after))

/** Resolves when the work is done; `again` (ms) asks for another time without counting as a failure. */
/** `again`: ms after which it is tried once more. */
export type JobOutcome = void | { readonly again: number }
export type JobHandler = (job: JobRecord) => Promise<JobOutcome>

/** Work of one lane is done in its order; lanes do not wait for each other. */
export type Lanes = (job: JobRecord) => string

/**
 * Runs durable jobs, each when it is due, in the order of their creation within a lane: a relay that does not answer
 * holds up what needs it and nothing else. A job that fails for a passing reason comes back later; one that fails for
 * good is dropped and told as a `problem` event.
 */
export class JobRunner {
  readonly #core: Core
  readonly #run: JobHandler
  readonly #laneOf: Lanes
  /** The end of what runs in each lane. */
  readonly #lanes = new Map<string, Promise<void>>()
  readonly #freed = new Latch()

  constructor(core: Core, run: JobHandler, laneOf: Lanes) {
    this.#core = branch(core)
    this.#run = run
    this.#laneOf = laneOf
  }

  /** Works until the client closes. */
  async loop(): Promise<void> {
    const { store, clock, signal } = this.#core
    const changes = store.changes(['jobs'], { signal })[Symbol.asyncIterator]()
    let changed = askAhead(changes)
    while (!signal.aborted) {
      this.#freed.shut()
      const jobs = await this.#all()
      const idle = jobs.filter((job) => !this.#lanes.has(this.#laneOf(job)))
      for (const round of this.#start(idle)) round.catch((error: unknown) => this.#tell(error))
      const waiting = idle.map((job) => leftOf(job, clock.now())).filter((ms) => ms > 0)
      const pause = Math.max(50, Math.min(...waiting, LAST_RETRY))
      let moved = false
      const woken = (over: AbortSignal) =>
        Promise.race([changed.then(() => (moved = true)), this.#freed.wait({ signal: over })])
      await within(clock, pause, woken, { signal })
      if (!moved) continue
      // The store has gone: nobody will tell of anything any more.
      if ((await changed).done) return
      changed = askAhead(changes)
    }
  }

  /** Runs what is due now, once, behind what runs in its lanes already. */
  async runDue(): Promise<void> {
    await Promise.all(this.#start(await this.#all()))
  }

  async hasDue(): Promise<boolean> {
    const now = this.#core.clock.now()
    return (await this.#all()).some((job) => leftOf(job, now) === 0)
  }

  /** What is due of these, by lanes. */
  #start(jobs: readonly JobRecord[]): readonly Promise<void>[] {
    const now = this.#core.clock.now()
    const lanes = new Map<string, JobRecord[]>()
    for (const job of jobs) {
      if (leftOf(job, now) > 0) continue
      const lane = this.#laneOf(job)
      lanes.set(lane, [...(lanes.get(lane) ?? []), job])
    }
    return [...lanes].map(([lane, due]) => this.#queue(lane, due))
  }

  #queue(lane: string, due: readonly JobRecord[]): Promise<void> {
    const before = this.#lanes.get(lane) ?? Promise.resolve()
    const work = before.then(() => this.#work(due))
    const end = work.then(
      () => undefined,
      () => undefined,
    )
    this.#lanes.set(lane, end)
    void end.then(() => {
      if (this.#lanes.get(lane) === end) this.#lanes.delete(lane)
      this.#freed.open()
    })
    return work
  }

  async #work(due: readonly JobRecord[]): Promise<void> {
    const { store, clock, signal } = this.#core
    for (const { key, ordinal } of due) {
      if (signal.aborted) return
      // Another round may have done it, or something else replaced it, while this one waited.
      const job = await store.read((tx) => tx.get<JobRecord>('jobs', key))
      if (job?.ordinal === ordinal && leftOf(job, clock.now()) === 0) await this.#tried(job)
    }
  }

  /** Where the store could not take the outcome (a full disk, say), what was done is done again later. */
  async #tried(job: JobRecord): Promise<void> {
    const { clock, signal } = this.#core
    try {
      await this.#attempt(job)
    } catch (error) {
      if (!isDchatError(error) || !error.retryable) throw error
      await clock.sleep(FIRST_RETRY, { signal })
    }
  }

  async #all(): Promise<readonly JobRecord[]> {
    const rows = await this.#core.store.read((tx) => tx.page<JobRecord>('jobs', { scope: 'all', limit: 10_000 }))
    return rows.map(({ value }) => value)
  }

  #tell(error: unknown): void {
    const { events, signal } = this.#core
    if (signal.aborted) return
    const code = isDchatError(error) ? error.code : 'internal/unexpected'
    events.emit({ type: 'problem', code, message: error instanceof Error ? error.message : String(error) })
  }

  async #attempt(job: JobRecord): Promise<void> {
    const { store, clock, signal, log } = this.#core
    let again: number | undefined
    let failed = false
    try {
      again = (await this.#run(job))?.again
    } catch (error) {
      signal.throwIfAborted()
      const code = isDchatError(error) ? error.code : 'internal/unexpected'
      const passes = !isDchatError(error) || error.retryable
      if (passes) {
        failed = true
        again = Math.min(FIRST_RETRY * 2 ** Math.min(job.attempts, 16), LAST_RETRY)
      }
      // A full disk passes only when somebody frees it.
      if (!isDchatError(error) || !passes || code === 'storage/full') this.#tell(error)
      log.info('job failed', { kind: job.kind, code })
    }
    await store.write(async (tx) => {
      const current = await tx.get<JobRecord>('jobs', job.key)
      if (current?.ordinal !== job.ordinal) return
      if (again === undefined) tx.delete('jobs', job.key)
      else {
        const attempts = failed ? job.attempts + 1 : job.attempts
        const value: JobRecord = { ...job, attempts, ...waitFrom(clock.now(), again) }
        tx.put('jobs', { key: job.key, scope: 'all', position: job.ordinal, value })
      }
    })
  }
}
