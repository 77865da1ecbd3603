import { isDchatError } from '../../errors.ts'
import { Mutex } from '../../util/mutex.ts'
import type { Core } from '../core.ts'
import { booksWritten, flushBooks } from '../listings/books.ts'
import { waitingPointers } from '../people/requests.ts'
import { readSettings } from '../personal/settings.ts'
import { sealingKey } from './archive-keys.ts'
import { keepAsked } from './keep-asked.ts'
import { keepRegisters } from './keep-registers.ts'
import { takeChainBack, writeChain } from './write-chain.ts'

/** archive/full: a home relay has no more room. */
export const FULL = 'full'

/** Brings what this device keeps in the archive up to date: what own devices share, and messages if its person wants that. */
export const keepArchive = (core: Core): Promise<void> => lockOf(core).run(() => keep(core))

const locks = new WeakMap<Core['store'], Mutex>()

/** The loop, the end of a program and an approval may all be at it: a chain has one writer at a time. */
const lockOf = ({ store }: Core): Mutex => {
  const lock = locks.get(store) ?? new Mutex()
  locks.set(store, lock)
  return lock
}

const keep = async (core: Core): Promise<void> => {
  if (core.self.log.archiveKey === undefined) return
  await sealingKey(core)
  const { now } = await stateNow(core)
  try {
    const { archiveBodies } = await core.store.read(readSettings)
    await allOf(core, [keepRegisters, keepAsked, archiveBodies ? writeChain : takeChainBack])
    await noteFull(core, false)
    await core.store.write(async (tx) => tx.put('meta', { key: KEPT, value: now }))
  } catch (error) {
    if (isDchatError(error, 'relay/quota') && (await noteFull(core, true)))
      core.events.emit({ type: 'problem', code: error.code, message: error.message })
    throw error
  }
}

/** One after the other; a relay that is away for the first does not keep the others from those that are there. */
const allOf = async (core: Core, works: readonly ((core: Core) => Promise<void>)[]): Promise<void> => {
  let failure: unknown
  for (const work of works)
    try {
      await work(core)
    } catch (error) {
      core.signal.throwIfAborted()
      if (!isDchatError(error, 'transport/unreachable')) throw error
      failure ??= error
    }
  if (failure !== undefined) throw failure
}

/** True if it is news. */
const noteFull = async ({ store }: Core, full: boolean): Promise<boolean> => {
  const known = (await store.read((tx) => tx.get('archive', FULL))) === true
  if (known === full) return false
  await store.write(async (tx) => (full ? tx.put('archive', { key: FULL, value: true }) : tx.delete('archive', FULL)))
  return true
}

/** meta/archive-kept: what the archive holds of this device, and since when (ms). */
interface KeptRecord {
  readonly at: number
  readonly arrivals: number
  readonly rows: number
  /** What was sold is not left to the next time. */
  readonly books: number
  /** Nor is an invitation, which nobody would repeat. */
  readonly asked: number
  /** Whether message bodies are among it. */
  readonly bodies: boolean
}

const KEPT = 'archive-kept'
/** ms that a program which runs for a moment only leaves the archive as it is. */
const OFTEN = 10 * 60_000

const stateNow = async ({ store, clock }: Core): Promise<{ readonly now: KeptRecord; readonly kept?: KeptRecord }> =>
  store.read(async (tx) => {
    const kept = await tx.get<KeptRecord>('meta', KEPT)
    const arrivals = (await tx.get<number>('meta', 'arrivals')) ?? 0
    const rows = (await tx.get<number>('meta', 'personal-rows')) ?? 0
    const books = await booksWritten(tx)
    const asked = (await waitingPointers(tx)).length
    const { archiveBodies: bodies } = await readSettings(tx)
    return { now: { at: clock.now(), arrivals, rows, books, asked, bodies }, ...(kept === undefined ? {} : { kept }) }
  })

/** Before a client closes: a program that never runs for long keeps the archive true as well, now and then. */
export const flushArchive = async (core: Core): Promise<void> => {
  await flushBooks(core)
  const { now, kept } = await stateNow(core)
  const isAsked = kept?.asked !== now.asked
  if (kept !== undefined && kept.bodies === now.bodies && kept.books === now.books && !isAsked) {
    const isSame = kept.arrivals === now.arrivals && kept.rows === now.rows
    if (isSame || (now.at >= kept.at && now.at - kept.at < OFTEN)) return
  }
  await keepArchive(core)
}
