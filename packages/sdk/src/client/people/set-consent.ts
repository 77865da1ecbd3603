import type { StoreWriter } from '../../domain/store/store.ts'
import type { Address } from '../../records/ids.ts'
import type { Consent } from '../../records/people.ts'
import { dmId, getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { setRegister } from '../personal/registers.ts'
import { consentOf } from './consent.ts'
import { openRequest } from './decide.ts'
import { hideRequests } from './requests.ts'

/** Says what this person thinks of somebody, for all of its devices, and does here what follows. */
export const setConsent = async (tx: StoreWriter, core: Core, address: Address, consent: Consent): Promise<void> => {
  const value = consent === 'unknown' ? undefined : consent
  await setRegister(tx, core, 'consent', address, value)
  await consentChanged(tx, core, address)
}

/** What follows here from an answer, given on this or another own device. */
export const consentChanged = async (tx: StoreWriter, core: Core, address: Address): Promise<void> => {
  const consent = await consentOf(tx, address)
  const id = dmId(core.self.address, address)
  if (consent === 'blocked' || consent === 'denied') return hideRequests(tx, core, address)
  const known = await getConversation(tx, id)
  // Asked again in a conversation that there is, while they were blocked.
  if (consent === 'allowed' || known?.active !== undefined) await openRequest(tx, core, id)
}
