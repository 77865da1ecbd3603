import type { StoreWriter } from '../../domain/store/store.ts'
import { decodeArchiveKeys } from '../../protocol/history/archive-key.ts'
import { decodeSegment } from '../../protocol/history/segment.ts'
import { decodeHistoryAsk, decodeHistoryPiece } from '../../protocol/history/transfer.ts'
import type { DeviceId } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { addArchiveKeys, readArchiveAgain } from './archive-keys.ts'
import { getHistory } from './note.ts'
import { pastTaken } from './progress.ts'
import { leaveSteps } from './steps.ts'
import { takePast } from './take-past.ts'

const giveKey = (to: DeviceId): string => `give/${to}`

/** Another own device asks for the past: in its turn, or because it gave the piece before, this one gives. */
export const takeHistoryAsk = async (
  tx: StoreWriter,
  core: Core,
  { sender, wait }: { readonly sender: DeviceId; readonly wait: number },
  { id, history }: { readonly id: Uint8Array; readonly history: Uint8Array },
): Promise<void> => {
  if (sender === core.self.device) return
  const wanted = decodeHistoryAsk(history)
  if (wanted.from !== undefined && wanted.from.giver !== core.self.device) return
  const after = wanted.from === undefined ? wait : 0
  await putJob(tx, giveKey(sender), { kind: 'give', ask: id, to: sender, wanted }, core.clock.now(), after)
}

/** A piece of the past: for this device, or a sign that another one gives it. */
export const takeHistoryPiece = async (
  tx: StoreWriter,
  core: Core,
  sender: DeviceId,
  body: Uint8Array,
): Promise<void> => {
  const { ask, to, next, total, top, segment } = decodeHistoryPiece(body)
  if (to !== core.self.device) {
    if (sender !== core.self.device) tx.delete('jobs', giveKey(to))
    return
  }
  const record = await getHistory(tx)
  if (record?.ask === undefined || !equalBytes(record.ask, ask)) return
  const { messages, steps } = decodeSegment(segment)
  const added = await takePast(tx, core, [...messages].reverse(), 'device')
  await leaveSteps(tx, steps)
  const { ask: _, cursor: __, until, ...rest } = record
  const given = (record.given ?? 0) + messages.length
  // A pass ends where the one before began.
  const begun = record.cursor === undefined ? { top } : {}
  // All of it stands in the archive, by now: that may have been read before the last of it was there.
  const isKept = next === undefined && until === undefined && messages.length === 0
  const again = isKept ? { more: true as const } : {}
  const counted = { ...rest, ...begun, ...again, messages: record.messages + added, given, giver: sender }
  tx.put('archive', {
    key: 'history',
    value:
      next === undefined
        ? { ...counted, device: 'done' }
        : {
            ...counted,
            ...(until === undefined ? { total: Math.max(record.total ?? 0, total) } : { until }),
            device: 'receiving',
            cursor: next,
          },
  })
  if (next === undefined) {
    tx.delete('jobs', 'ask-history')
    await pastTaken(tx, core.clock.now())
  } else await putJob(tx, 'ask-history', { kind: 'ask-history' }, core.clock.now())
}

/** Archive keys of another own device: what they open is read. */
export const takeKeys = async (tx: StoreWriter, core: Core, body: Uint8Array): Promise<void> => {
  if (await addArchiveKeys(tx, decodeArchiveKeys(body))) await readArchiveAgain(tx, core.clock.now())
}
