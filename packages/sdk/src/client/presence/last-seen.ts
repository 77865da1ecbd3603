import type { Store, StoreReader } from '../../domain/store/store.ts'
import type { Address } from '../../records/ids.ts'

const keyOf = (address: Address): string => `seen/${address}`

/** ms since 1970, by this device's clock; undefined for who was never heard. */
export const lastSeenOf = (tx: StoreReader, address: Address): Promise<number | undefined> =>
  tx.get<number>('meta', keyOf(address))

export const keepLastSeen = async (store: Store, seen: readonly (readonly [Address, number])[]): Promise<void> => {
  if (seen.length === 0) return
  await store.write(async (tx) => {
    for (const [address, value] of seen) tx.put('meta', { key: keyOf(address), value })
  })
}
