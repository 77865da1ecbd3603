import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import type { ConversationId, MessageId } from '../../records/ids.ts'
import { askAhead } from '../../util/streams.ts'
import { within } from '../../util/wait.ts'
import { branch, type Core } from '../core.ts'
import { forgetToGive, noteChanged } from '../history/changed.ts'
import type { ExpiryRecord, MessageRecord } from '../records.ts'
import { withoutMessages } from './last.ts'
import { deleteMessage, dropRefs, getMessage } from './rows.ts'

const SCOPE = 'expiry'
/** Messages that may end in one millisecond; those beyond end in the next one. */
const PER_MS = 1_024
const BATCH = 200
const DAY = 24 * 3_600_000
/** ms between two looks at the clock: it may be put on, or a machine may sleep, while a timer runs. */
const LOOK = 60_000
const RETRY = 1_000

const keyOf = (id: MessageId): string => `expiry/${id}`

/** Notes when a message disappears, inside the transaction that stores it. */
export const putExpiry = async (tx: StoreWriter, { id, expiresAt }: MessageRecord): Promise<void> => {
  if (expiresAt === undefined) return
  const position = await freePosition(tx, expiresAt)
  tx.put('jobs', { key: keyOf(id), scope: SCOPE, position, value: { id, expiresAt } satisfies ExpiryRecord })
}

const freePosition = async (tx: StoreReader, from: number): Promise<number> => {
  for (let ms = from; ; ms++) {
    const first = ms * PER_MS
    const within = { scope: SCOPE, after: first - 1, before: first + PER_MS, order: 'descending', limit: 1 } as const
    const [last] = await tx.page('jobs', within)
    const position = last?.position === undefined ? first : last.position + 1
    if (position < first + PER_MS) return position
  }
}

const due = (tx: StoreReader, before: number, limit: number) =>
  tx.page<ExpiryRecord>('jobs', { scope: SCOPE, before, limit })

/** Takes messages away when their time is over: their words, what was done to them, and their trace in lists. */
export class Expiry {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = branch(core)
  }

  /** Deletes everything whose time is over now; where the disk is too full for that, `loop` tries again. */
  async sweep(): Promise<void> {
    await this.#untilNext()
  }

  /** Works until the client closes, by the clock alone: it needs no connection. */
  async loop(): Promise<void> {
    const { store, clock, signal } = this.#core
    const changes = store.changes(['jobs'], { signal })[Symbol.asyncIterator]()
    let changed = askAhead(changes)
    try {
      while (!signal.aborted) {
        const pause = await this.#untilNext()
        if (!(await within(clock, pause, () => changed, { signal }))) continue
        // The store has gone: nobody will tell of anything any more.
        if ((await changed).done) return
        changed = askAhead(changes)
      }
    } finally {
      await changes.return?.()
    }
  }

  /** Sweeps; ms until there is something to do again, unless something comes before. */
  async #untilNext(): Promise<number> {
    const { store, clock, log, signal } = this.#core
    try {
      while (await this.#sweepSome()) signal.throwIfAborted()
    } catch (error) {
      if (!isDchatError(error) || !error.retryable) throw error
      // A full disk, say: what could not be deleted now is deleted later.
      log.warn('expiry failed', { code: error.code })
      return RETRY
    }
    const [next] = await store.read((tx) => due(tx, Number.MAX_SAFE_INTEGER, 1))
    return next === undefined ? DAY : Math.min(LOOK, Math.max(1, next.value.expiresAt - clock.now()))
  }

  async #sweepSome(): Promise<boolean> {
    const { store, clock, events } = this.#core
    const now = clock.now()
    if ((await store.read((tx) => due(tx, (now + 1) * PER_MS, 1))).length === 0) return false
    const gone = await store.write(async (tx) => {
      const rows = await due(tx, (now + 1) * PER_MS, BATCH)
      const byConversation = new Map<ConversationId, MessageRecord[]>()
      for (const { key, value } of rows) {
        tx.delete('jobs', key)
        const message = await getMessage(tx, value.id)
        if (message === undefined) continue
        await dropMessage(tx, message)
        byConversation.set(message.conversation, [...(byConversation.get(message.conversation) ?? []), message])
      }
      for (const messages of byConversation.values()) await withoutMessages(tx, messages)
      return { byConversation, more: rows.length === BATCH }
    })
    for (const [conversation, messages] of gone.byConversation)
      events.emit({ type: 'expired', conversation, messages: messages.map(({ id }) => id) })
    return gone.more
  }
}

/** A message is here no more, nor what was done to it. */
export const dropMessage = async (tx: StoreWriter, message: MessageRecord): Promise<void> => {
  const { id, arrival } = message
  deleteMessage(tx, message)
  if (arrival !== undefined) tx.delete('arrivals', `${arrival}`)
  await dropRefs(tx, id)
  forgetToGive(tx, id)
  await noteChanged(tx, id)
}
