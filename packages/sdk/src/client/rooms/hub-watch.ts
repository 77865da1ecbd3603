import { GONE_AFTER } from '../../domain/rooms/handover.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { hasElsewhere } from './hubs-in.ts'
import type { Rooms } from './rooms.ts'

/**
 * Looks after rooms whose hub comes and goes, until the client closes: one that is back may say that the conversation went
 * on meanwhile, one that stays away is left (hubs.md).
 */
export const watchHubs = async (core: Core, rooms: Rooms): Promise<void> => {
  const { links, clock, signal } = core
  /** Hubs that are looked at later, and those that were asked since they went. */
  const waiting = new Set<RelayUrl>()
  const asked = new Set<RelayUrl>()
  const whenGone = async (relay: RelayUrl): Promise<void> => {
    if (waiting.has(relay)) return
    waiting.add(relay)
    await clock.sleep(GONE_AFTER, { signal }).finally(() => waiting.delete(relay))
    if (links.downFor(relay) === 0) return
    asked.delete(relay)
    await lookElsewhere(core, rooms, relay)
  }
  const waits = new Set<Promise<void>>()
  try {
    for await (const { relay, state } of links.states({ signal })) {
      if (state.state === 'ready' && !asked.has(relay)) {
        asked.add(relay)
        await lookElsewhere(core, rooms, relay)
      }
      if (state.state === 'ready' || waiting.has(relay)) continue
      const wait = whenGone(relay).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
      waits.add(wait)
      void wait.finally(() => waits.delete(wait))
    }
  } finally {
    await Promise.allSettled(waits)
  }
}

/** Every room there that may go on at another hub, in one write. */
const lookElsewhere = async ({ store, clock }: Core, rooms: Rooms, relay: RelayUrl): Promise<void> => {
  const there = rooms.all().filter((session) => session.record.hub.url === relay && hasElsewhere(session))
  if (there.length === 0) return
  await store.write(async (tx) => {
    for (const { id: room } of there) await putJob(tx, `handover/${room}`, { kind: 'handover', room }, clock.now())
  })
}
