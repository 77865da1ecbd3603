import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { parsePeer } from '../../protocol/identity/invite.ts'
import type { Contact } from '../../records/conversation.ts'
import type { Address } from '../../records/ids.ts'
import type { Consent, Person, Request, SafetyNumber } from '../../records/people.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Contacts } from '../client.ts'
import type { Core } from '../core.ts'
import { getRegister, listRegisters, setRegister } from '../personal/registers.ts'
import { getContact, listContacts, putContact } from './contact-rows.ts'
import { personOf } from './person.ts'
import { listRequests } from './requests.ts'
import { setConsent } from './set-consent.ts'
import { safetyNumberOf, verifyPerson } from './verification.ts'

const NAME_LIMIT = 64

/** The people whom this person knows, and what it thinks of them. */
export class ContactsWork implements Contacts {
  readonly #core: Core
  readonly #isConnected: () => boolean

  constructor(core: Core, isConnected: () => boolean) {
    this.#core = core
    this.#isConnected = isConnected
  }

  async add(addressOrInvite: string, options: Abortable & { name?: string } = {}): Promise<Contact> {
    const { address, relays } = parsePeer(addressOrInvite)
    const { store, self, directory } = this.#core
    this.#check(address)
    const name = options.name?.trim()
    if (name !== undefined) await this.#checkName(name, address)
    if (this.#isConnected()) await directory.lookUp(address, { hints: relays, home: self.relays }, options)
    return store.write(async (tx) => {
      await putContact(tx, this.#core, address, relays)
      if (name !== undefined) await this.#name(tx, address, name)
      await setConsent(tx, this.#core, address, 'allowed')
      return (await getContact(tx, address)) as Contact
    })
  }

  async find(nameOrAddress: string): Promise<Contact | undefined> {
    const text = nameOrAddress.trim()
    const wanted = text.toLowerCase()
    const found = await this.#core.store.read(async (tx) => {
      const nicknames = await listRegisters(tx, 'nickname')
      const nickname = nicknames.find(({ value }) => value.toLowerCase() === wanted)
      if (nickname !== undefined) return getContact(tx, nickname.subject as Address)
      // What people call themselves is theirs to choose: one name of two people names neither.
      const named = (await listContacts(tx)).filter(({ name }) => name?.toLowerCase() === wanted)
      return named.length === 1 ? named[0] : undefined
    })
    if (found !== undefined) return found
    try {
      const { address } = parsePeer(text)
      return await this.#core.store.read((tx) => getContact(tx, address))
    } catch {
      return undefined
    }
  }

  list(): Promise<readonly Contact[]> {
    return this.#core.store.read(listContacts)
  }

  async remove(address: Address): Promise<void> {
    await this.#core.store.write(async (tx) => {
      if ((await getRegister(tx, 'contact', address)) === undefined) return
      await setRegister(tx, this.#core, 'contact', address, undefined)
      await this.#name(tx, address, undefined)
    })
  }

  async rename(address: Address, name: string | undefined): Promise<void> {
    this.#check(address)
    const given = name?.trim()
    if (given !== undefined) await this.#checkName(given, address)
    await this.#core.store.write((tx) => this.#name(tx, address, given))
  }

  requests(): Promise<readonly Request[]> {
    return this.#core.store.read((tx) => listRequests(tx, this.#core))
  }

  allow(address: Address): Promise<void> {
    return this.#decide(address, 'allowed')
  }

  deny(address: Address): Promise<void> {
    return this.#decide(address, 'denied')
  }

  block(address: Address): Promise<void> {
    return this.#decide(address, 'blocked')
  }

  /** A contact may write again at once, anybody else asks as before. */
  async unblock(address: Address): Promise<void> {
    await this.#core.store.write(async (tx) => {
      if ((await getRegister(tx, 'consent', address)) !== 'blocked') return
      const isContact = (await getRegister(tx, 'contact', address)) !== undefined
      await setConsent(tx, this.#core, address, isContact ? 'allowed' : 'unknown')
    })
  }

  async person(address: Address): Promise<Person> {
    return personOf(this.#core, address)
  }

  async safetyNumber(address: Address): Promise<SafetyNumber> {
    this.#check(address)
    return safetyNumberOf(this.#core, address, this.#isConnected())
  }

  async verify(address: Address, compared?: string): Promise<void> {
    this.#check(address)
    await verifyPerson(this.#core, address, compared, this.#isConnected())
  }

  async unverify(address: Address): Promise<void> {
    await this.#core.store.write(async (tx) => {
      if ((await getRegister(tx, 'verified', address)) !== undefined)
        await setRegister(tx, this.#core, 'verified', address, undefined)
    })
  }

  async #decide(address: Address, consent: Consent): Promise<void> {
    this.#check(address)
    await this.#core.store.write((tx) => setConsent(tx, this.#core, address, consent))
  }

  async #name(tx: StoreWriter, address: Address, name: string | undefined): Promise<void> {
    if ((await getRegister(tx, 'nickname', address)) !== name)
      await setRegister(tx, this.#core, 'nickname', address, name)
  }

  #check(address: Address): void {
    if (address === this.#core.self.address)
      throw new DchatError('usage/invalid-argument', { name: 'peer', reason: 'it is your own address' })
  }

  async #checkName(name: string, address: Address): Promise<void> {
    const invalid = (reason: string) => new DchatError('usage/invalid-argument', { name: 'name', reason })
    if (name.length === 0 || name.length > NAME_LIMIT) throw invalid(`a name has 1 to ${NAME_LIMIT} characters`)
    const nicknames = await this.#core.store.read((tx) => listRegisters(tx, 'nickname'))
    const holder = nicknames.find(({ value }) => value.toLowerCase() === name.toLowerCase())
    if (holder !== undefined && holder.subject !== address) throw invalid('somebody else is called so already')
  }
}
