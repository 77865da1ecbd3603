import { DchatError } from '../errors.ts'
import { parsePeer } from '../protocol/identity/invite.ts'
import type { Contact } from '../records/conversation.ts'
import type { Address } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import type { Contacts } from './client.ts'
import type { Core } from './core.ts'
import type { ContactRecord } from './records.ts'

const NAME_LIMIT = 64
const LIMIT = 10_000

export class ContactsApi implements Contacts {
  readonly #core: Core
  readonly #isConnected: () => boolean

  constructor(core: Core, isConnected: () => boolean) {
    this.#core = core
    this.#isConnected = isConnected
  }

  async add(addressOrInvite: string, options: Abortable & { name?: string } = {}): Promise<Contact> {
    const { address, relays } = parsePeer(addressOrInvite)
    const { store, self, directory, clock } = this.#core
    if (address === self.address)
      throw new DchatError('usage/invalid-argument', { name: 'peer', reason: 'it is your own address' })
    const name = options.name?.trim()
    if (name !== undefined) await this.#checkName(name, address)
    if (this.#isConnected()) await directory.lookUp(address, { hints: relays, home: self.relays }, options)
    const record = await store.write(async (tx) => {
      const known = await tx.get<ContactRecord>('contacts', address)
      const merged: ContactRecord = {
        address,
        relays: [...new Set([...relays, ...(known?.relays ?? [])])].slice(0, 8),
        addedAt: known?.addedAt ?? clock.now(),
        ...(name === undefined ? (known?.name === undefined ? {} : { name: known.name }) : { name }),
      }
      const ordinal = (await tx.get<number>('meta', 'contacts')) ?? 0
      tx.put('meta', { key: 'contacts', value: ordinal + 1 })
      tx.put('contacts', { key: address, scope: 'all', position: ordinal, value: merged })
      return merged
    })
    return record
  }

  async find(nameOrAddress: string): Promise<Contact | undefined> {
    const text = nameOrAddress.trim()
    const all = await this.list()
    const byName = all.find(({ name }) => name !== undefined && name.toLowerCase() === text.toLowerCase())
    if (byName !== undefined) return byName
    try {
      const { address } = parsePeer(text)
      return all.find((contact) => contact.address === address)
    } catch {
      return undefined
    }
  }

  async list(): Promise<readonly Contact[]> {
    const rows = await this.#core.store.read((tx) => tx.page<ContactRecord>('contacts', { scope: 'all', limit: LIMIT }))
    return rows.map(({ value }) => value)
  }

  async remove(address: Address): Promise<void> {
    await this.#core.store.write(async (tx) => tx.delete('contacts', address))
  }

  async #checkName(name: string, address: Address): Promise<void> {
    const invalid = (reason: string) => new DchatError('usage/invalid-argument', { name: 'name', reason })
    if (name.length === 0 || name.length > NAME_LIMIT) throw invalid(`a name has 1 to ${NAME_LIMIT} characters`)
    const holder = (await this.list()).find((contact) => contact.name?.toLowerCase() === name.toLowerCase())
    if (holder !== undefined && holder.address !== address) throw invalid('another contact has it already')
  }
}
