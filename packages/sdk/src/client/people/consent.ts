import type { StoreReader } from '../../domain/store/store.ts'
import type { Address } from '../../records/ids.ts'
import type { Consent } from '../../records/people.ts'
import type { Core } from '../core.ts'
import { getRegister } from '../personal/registers.ts'

/** What this person, on any of its devices, thinks of another one. */
export const consentOf = async (tx: StoreReader, address: Address): Promise<Consent> =>
  (await getRegister(tx, 'consent', address)) ?? 'unknown'

/** Nothing of theirs is shown, and nothing is told to them. */
export const isBlocked = async (tx: StoreReader, address: Address): Promise<boolean> =>
  (await consentOf(tx, address)) === 'blocked'

/** Whoever was not allowed in has to ask, where the program or the settings do not let everybody in. */
export const isStranger = async (
  tx: StoreReader,
  { strangers }: Pick<Core, 'strangers'>,
  address: Address,
): Promise<boolean> => {
  if ((await consentOf(tx, address)) === 'allowed') return false
  return (strangers ?? (await getRegister(tx, 'setting', 'strangers')) ?? 'ask') === 'ask'
}
