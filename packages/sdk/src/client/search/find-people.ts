import { type Token, tokensOf } from '../../domain/search/tokens.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { Address } from '../../records/ids.ts'
import type { Person } from '../../records/people.ts'
import { branch, type Core } from '../core.ts'
import { personOf } from '../people/person.ts'
import { listRegisters } from '../personal/registers.ts'
import type { ConversationRecord, ProfileRecord } from '../records.ts'

const LIMIT = 20
const MOST = 500
const PAGE = 200

type Names = ReadonlyMap<Address, string>

/** What somebody is called here. */
interface Known {
  nickname?: string
  name?: string
  isContact?: true
}

/** People by the beginnings of what they are called. */
export class PeopleFinder {
  readonly #core: Core
  /** Names of profiles: their rows hold pictures too, and are not read for every letter. */
  #names: Promise<Names> | undefined

  constructor(core: Core) {
    this.#core = branch(core)
  }

  /** Forgets the names that profiles gave when profiles change, until the client closes. */
  async run(): Promise<void> {
    const { store, signal } = this.#core
    for await (const _ of store.changes(['profiles'], { signal })) this.#names = undefined
  }

  /** Contacts first, then by what they are called. Throws `usage/invalid-argument` for a wrong limit. */
  async find(text: string, { limit = LIMIT }: { readonly limit?: number }): Promise<readonly Person[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
      throw new DchatError('usage/invalid-argument', { name: 'limit', reason: `it is a whole number up to ${MOST}` })
    const wanted = text.trim()
    if (wanted.length === 0) return []
    const tokens = tokensOf(wanted)
    const found = [...(await this.#known())].filter(
      ([address, { nickname, name }]) =>
        address.startsWith(wanted.toLowerCase()) || isCalled(nickname, tokens) || isCalled(name, tokens),
    )
    const people = found.sort(([a, one], [b, other]) => {
      if (one.isContact !== other.isContact) return one.isContact ? -1 : 1
      const [left, right] = [calledOf(one), calledOf(other)]
      return left === right ? compare(a, b) : compare(left, right)
    })
    return Promise.all(people.slice(0, limit).map(([address]) => personOf(this.#core, address)))
  }

  async #known(): Promise<ReadonlyMap<Address, Known>> {
    const { store, self } = this.#core
    this.#names ??= store.read(profileNames).catch((error: unknown) => {
      this.#names = undefined
      throw error
    })
    const names = await this.#names
    const people = new Map<Address, Known>()
    const of = (address: Address): Known => {
      const known = people.get(address) ?? {}
      people.set(address, known)
      return known
    }
    for (const [address, name] of names) of(address).name = name
    await store.read(async (tx) => {
      for (const { subject } of await listRegisters(tx, 'contact')) of(subject as Address).isContact = true
      for (const { subject, value } of await listRegisters(tx, 'nickname')) of(subject as Address).nickname = value
      for (const peer of await peers(tx)) of(peer)
    })
    people.delete(self.address)
    return people
  }
}

const calledOf = ({ nickname, name }: Known): string => (nickname ?? name ?? '').toLowerCase()

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

/** Each word begins one of the name, in any order. */
const isCalled = (name: string | undefined, wanted: readonly Token[]): boolean => {
  if (name === undefined || wanted.length === 0) return false
  const words = tokensOf(name)
  return wanted.every(({ text, loose }) =>
    words.some((word) => (loose ? word.text.includes(text) : word.text.startsWith(text))),
  )
}

/** Everybody of whom a profile is known, whether or not it names them. */
const profileNames = async (tx: StoreReader): Promise<Names> => {
  const names = new Map<Address, string>()
  for (let after: string | undefined; ; ) {
    const { rows, next } = await tx.scan('profiles', { limit: PAGE, ...(after === undefined ? {} : { after }) })
    for (const { key, value } of rows) names.set(key as Address, (value as ProfileRecord).name ?? '')
    after = next
    if (after === undefined) return names
  }
}

/** Whom this person writes with. */
const peers = async (tx: StoreReader): Promise<readonly Address[]> => {
  const found: Address[] = []
  for (let before: number | undefined; ; ) {
    const query = {
      scope: 'all',
      limit: PAGE,
      order: 'descending',
      ...(before === undefined ? {} : { before }),
    } as const
    const rows = await tx.page<ConversationRecord>('conversations', query)
    found.push(...rows.flatMap(({ value: { peer } }) => (peer === undefined ? [] : [peer])))
    before = rows[rows.length - 1]?.position
    if (rows.length < PAGE) return found
  }
}
