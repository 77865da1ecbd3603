import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { ErrorCode } from '../../errors.ts'

/** proofs/<room or relay>/<n>, scope: room or relay, position n: what a relay was caught at. */
export interface FaultRecord {
  readonly relay: string
  readonly code: ErrorCode
  /** One sentence: what it did. */
  readonly message: string
  readonly relayKey?: Uint8Array
  readonly topic?: Uint8Array
  readonly seq?: number
  /** Said by another member, who may be the one that lies: nobody may drive a conversation from its hub by it. */
  readonly hearsay?: true
  /** Receipts of the relay, encoded; two that contradict each other are proof for everybody. */
  readonly receipts: readonly Uint8Array[]
  /** By the own clock, ms. */
  readonly at: number
}

/** A relay can lie without end; of one place so many things are kept. */
const KEPT = 64

/** What was found out in a room, or of a relay, oldest first. */
export const faultsIn = async (tx: StoreReader, scope: string): Promise<readonly FaultRecord[]> =>
  (await tx.page<FaultRecord>('proofs', { scope, limit: KEPT })).map(({ value }) => value)

/** Keeps it, unless the same is known. */
export const keepFault = async (tx: StoreWriter, scope: string, fault: FaultRecord): Promise<void> => {
  const known = await faultsIn(tx, scope)
  const isSame = ({ code, seq, relay }: FaultRecord) =>
    code === fault.code && seq === fault.seq && relay === fault.relay
  if (known.some(isSame) || known.length >= KEPT) return
  const position = known.length
  tx.put('proofs', { key: `${scope}/${position}`, scope, position, value: fault })
}
