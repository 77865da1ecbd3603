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
 * Reads one entry: place, receipt and head first, then what it says. A relay that lies about place or order throws
 * `relay/bad-receipt`; content that breaks a rule is void, an effect and no error.
 */
export const applyEntry = async (session: RoomSession, work: Work, entry: Entry): Promise<void> => {
  const { receipt } = entry
  const { record } = work
  if (receipt.seq <= record.seq) return
  const relay = record.hub.url
  const wrong = (reason: string) => new DchatError('relay/bad-receipt', { relay, reason })
  if (!equalBytes(receipt.topic, record.topic)) throw wrong('it is for another topic')
  if (receipt.seq !== record.seq + 1) throw wrong('an entry is missing before it')
  if (!equalBytes(receipt.previous, record.head)) {
    await session.verify(receipt)
    work.proof = receipt
    throw new DchatError('relay/equivocation', { relay, topic: toHex(record.topic), seq: record.seq })
  }
  if (receipt.time < record.time) throw wrong('its time runs backwards')
  if (!matchesReceipt(entry)) throw wrong('the entry is not the one that was signed')
  const head = await session.verify(receipt)
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
