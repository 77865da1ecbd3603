import type { StoreReader } from '../../domain/store/store.ts'
import { wrappedLengthOf } from '../../protocol/topic/padding.ts'
import type { ArchiveState } from '../../records/history.ts'
import type { Core } from '../core.ts'
import { readSettings } from '../personal/settings.ts'
import { type ArrivalRecord, type ChainRecord, getChain, segmentsOf } from './chain.ts'
import { CHANGED } from './changed.ts'
import { FULL } from './keep-archive.ts'

const PAGE = 1_000

/** What this device keeps in the archive. */
export const archiveState = ({ store }: Core): Promise<ArchiveState> =>
  store.read(async (tx) => {
    const { archiveBodies: bodies } = await readSettings(tx)
    const full = (await tx.get('archive', FULL)) === true
    const chain = await getChain(tx)
    const held = (await segmentsOf(tx)).filter(({ at }) => Object.keys(at).length > 0)
    return {
      bodies,
      bytes: held.reduce((sum, { bytes }) => sum + wrappedLengthOf(bytes), 0),
      messages: held.reduce((sum, { messages }) => sum + messages, 0),
      behind: bodies ? (await countBehind(tx, chain)) + (await countChanged(tx)) : 0,
      full,
    }
  })

/** Messages that are not any more what the archive says. */
const countChanged = async (tx: StoreReader): Promise<number> => {
  let sum = 0
  for (let after: number | undefined; ; ) {
    const rows = await tx.page('archive', { scope: CHANGED, limit: PAGE, ...(after !== undefined && { after }) })
    sum += rows.length
    after = rows[rows.length - 1]?.position
    if (after === undefined || rows.length < PAGE) return sum
  }
}

export const countBehind = async (tx: StoreReader, chain: ChainRecord | undefined): Promise<number> => {
  const newer = await count(tx, chain?.up ?? Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const older = chain === undefined ? 0 : await count(tx, Number.MIN_SAFE_INTEGER, chain.down)
  return newer + older
}

/** Messages that arrived between two places and that no other device's chain has. */
const count = async (tx: StoreReader, after: number, before: number): Promise<number> => {
  let sum = 0
  for (let from = after; ; ) {
    const rows = await tx.page<ArrivalRecord>('arrivals', { scope: 'all', after: from, before, limit: PAGE })
    sum += rows.filter(({ value }) => !value.kept).length
    const last = rows[rows.length - 1]?.position
    if (last === undefined || rows.length < PAGE) return sum
    from = last
  }
}
