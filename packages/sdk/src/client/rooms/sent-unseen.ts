import { placeIn, placeInRoom } from '../../domain/messages/place.ts'
import { readContent } from '../../protocol/content/read.ts'
import type { Receipt } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { IntentRecord } from '../records.ts'
import type { RoomSession } from './session.ts'
import { storeEffects } from './store-effects.ts'
import type { Effect, Work } from './work.ts'

/** What the relay answered for an intent: where its entry stands. */
export interface Placed {
  readonly intent: IntentRecord
  readonly receipt: Pick<Receipt, 'entry' | 'seq' | 'time'>
}

/**
 * What stands where this device cannot read: it came into the room behind that, or never held its keys. It is one that it
 * tried; or the store is from a backup, and the reference, which nobody else knew before it was sent, is all there is.
 */
export const settleUnseen = (session: RoomSession, placed: readonly Placed[]): Promise<void> =>
  session.lock.run(async () => {
    const { core, record, snapshot } = session
    const isUnseen = ({ receipt }: Placed) => placeInRoom(snapshot, record.term, receipt.seq) <= (record.missed ?? -1)
    const isOwn = ({ intent, receipt }: Placed) =>
      intent.restored || intent.tried.some((hash) => equalBytes(hash, receipt.entry))
    const found = placed.filter((each) => isUnseen(each) && isOwn(each))
    if (found.length === 0) return
    const work: Work = { ...session.state, effects: [], spent: [] }
    for (const each of found) work.effects.push(...unseenEffects(work, core.self.address, each))
    const told = await core.store.write((tx) => storeEffects(tx, core, work, { reports: false }))
    for (const message of told.messages) core.updates.emit(message)
    for (const outcome of told.acted) core.acted.emit(outcome)
    for (const event of told.events) core.events.emit(event)
  })

/** A message has its place, and an action was done; anything else is said again, which changes nothing. */
export const unseenEffects = (work: Work, own: Address, { intent, receipt }: Placed): readonly Effect[] => {
  if (intent.offer !== undefined || intent.control !== undefined) return [{ kind: 'again', intent }]
  const { time: at, seq } = receipt
  const { snapshot } = work.control
  const sent: Effect = {
    kind: 'sent',
    intent,
    at,
    place: placeIn(snapshot, work.record.term, seq),
    epoch: work.record.joinedEpoch,
  }
  const { action } = intent
  const read = action === undefined ? undefined : readContent(intent.content)
  if (action === undefined || read?.kind !== 'action') return [sent]
  return [sent, { kind: 'action', id: action.id, from: own, action: read.action, at, seq, snapshot }]
}
