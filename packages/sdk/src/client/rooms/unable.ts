import type { Member } from '../../protocol/mls/engine.ts'
import type { Address } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { elapsed, leftOf } from '../../util/time.ts'
import { putJob } from '../jobs.ts'
import type { JobRecord, RoomRecord } from '../records.ts'
import type { RoomSession } from './session.ts'

/** ms for which the word of a device that it cannot follow holds: later it may have been let in. */
const WORD = 150_000
/** ms between two rounds of asking that news may shorten. */
const PAUSE = 30_000

/** Another device asks to be let in while this one asks too: neither can follow. */
export const noteUnable = (session: RoomSession, deviceKey: Uint8Array): Promise<void> =>
  session.lock.run(async () => {
    const { core, record } = session
    const device = toHex(deviceKey)
    const now = core.clock.now()
    const isNews = elapsed(record.unable?.[device] ?? 0, now) > WORD
    const next: RoomRecord = { ...record, unable: { ...record.unable, [device]: now } }
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      // Whoever has just come back has not heard this device either.
      const key = `ask/${record.id}`
      const ask = isNews ? await tx.get<JobRecord>('jobs', key) : undefined
      if (ask?.kind === 'ask' && leftOf(ask, now) > PAUSE) await putJob(tx, key, ask, now)
    })
    session.settle({ record: next })
  })

/**
 * True if every other device said lately that it cannot follow, but for the author of the commit. As long as one has not,
 * it may have followed: a group waits rather than being split (groups.md).
 */
export const nobodyFollowed = (
  { core, record, group }: Pick<RoomSession, 'core' | 'record' | 'group'>,
  offender: Address | undefined,
): boolean => {
  const now = core.clock.now()
  const isUnable = ({ deviceKey }: Member) => elapsed(record.unable?.[toHex(deviceKey)] ?? 0, now) <= WORD
  const others = group?.members.filter(
    (member) => member.address !== offender && !core.self.isOwnDevice(member.deviceKey),
  )
  return others !== undefined && offender !== undefined && others.every(isUnable)
}
