import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { Contact } from '../../records/conversation.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { getRegister, listRegisters, setRegister } from '../personal/registers.ts'
import { nameOf } from './names.ts'

/** Relays that are kept of a contact. */
const RELAYS = 8

export const getContact = async (tx: StoreReader, address: Address): Promise<Contact | undefined> => {
  const value = await getRegister(tx, 'contact', address)
  if (value === undefined) return undefined
  const name = await nameOf(tx, address)
  return { address, ...value, ...(name === undefined ? {} : { name }) }
}

/** In the order in which they were added. */
export const listContacts = async (tx: StoreReader): Promise<readonly Contact[]> => {
  const found: Contact[] = []
  for (const { subject, value } of await listRegisters(tx, 'contact')) {
    const address = subject as Address
    const name = await nameOf(tx, address)
    found.push({ address, ...value, ...(name === undefined ? {} : { name }) })
  }
  return found.sort((a, b) => a.addedAt - b.addedAt || (a.address < b.address ? -1 : 1))
}

/** Adds a contact, or what is new about one. */
export const putContact = async (
  tx: StoreWriter,
  core: Core,
  address: Address,
  given: readonly RelayUrl[],
): Promise<void> => {
  const known = await getRegister(tx, 'contact', address)
  const relays = [...new Set([...given, ...(known?.relays ?? [])])].slice(0, RELAYS)
  const isSame = known?.relays.length === relays.length && relays.every((relay, at) => relay === known.relays[at])
  if (!isSame) await setRegister(tx, core, 'contact', address, { relays, addedAt: known?.addedAt ?? core.clock.now() })
}
