import { DchatError, isDchatError } from '../../errors.ts'
import { matchesReceipt } from '../../protocol/topic/entry.ts'
import { encodeReceipt } from '../../protocol/topic/receipt-codec.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { applyApplication } from './apply-application.ts'
import { applyCommit } from './apply-commit.ts'
import type { RoomSession } from './session.ts'
import { voided, type Work } from './work.ts'

/** Heads that are kept to hold against what others say they saw. */
const HEADS = 64

/**
 * Reads one entry: place, receipt and head first, then what it says. A relay that lies throws what `isRelayFault` knows;
 * content that breaks a rule is void, an effect and no error.
 */
export const applyEntry = async (session: RoomSession, work: Work, entry: Entry): Promise<void> => {
  const { receipt } = entry
  const { record } = work
  if (receipt.seq <= record.seq) return
  const relay = record.hub.url
  const place = { relay, topic: toHex(record.topic), seq: record.seq + 1 }
  if (!equalBytes(receipt.topic, record.topic))
    throw new DchatError('relay/bad-receipt', { relay, reason: 'it is for another topic' })
  if (receipt.seq !== place.seq) throw new DchatError('relay/missing-entry', place)
  // From here on the relay's own signature says what it says.
  const head = await session.verify(receipt)
  const contradicts = (code: 'relay/equivocation' | 'relay/time-backwards') => {
    work.proof = receipt
    return new DchatError(code, place)
  }
  if (!equalBytes(receipt.previous, record.head)) throw contradicts('relay/equivocation')
  if (receipt.time < record.time) throw contradicts('relay/time-backwards')
  // Of a trimmed entry the hashes are left, which the receipt covers.
  if (entry.body !== null && !matchesReceipt(entry)) throw new DchatError('relay/changed-entry', place)
  try {
    if (receipt.kind === 'commit') await applyCommit(session, work, entry)
    else await applyApplication(session, work, entry)
  } catch (error) {
    // What passes, a disk without room say, says nothing of the entry: it is read again.
    if (!isDchatError(error) || passes(error)) throw error
    work.effects.push(voided(work, receipt.seq, error.message))
  }
  work.record = {
    ...work.record,
    seq: receipt.seq,
    head,
    time: receipt.time,
    receipt: encodeReceipt(receipt),
    heads: [...work.record.heads, { seq: receipt.seq, head }].slice(-HEADS),
  }
}

const passes = ({ code, retryable }: DchatError): boolean =>
  retryable && (code.startsWith('storage/') || code.startsWith('transport/'))
