import { type Address, type Client, type Person, type Profile, parsePeer, type Request } from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { PATIENCE } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { PictureView } from './group-types.ts'
import type { PeopleCalls, PeopleStreams, PersonView, ProfileView, RequestView } from './people-types.ts'
import { pictureOf, pictureView } from './pictures.ts'
import { caughtUp } from './synced.ts'

type Params<K extends keyof PeopleCalls> = PeopleCalls[K]['params']
type Result<K extends keyof PeopleCalls> = Promise<PeopleCalls[K]['result']>

const LOOKS_LIKE_PEER = /^\s*(dchat1|dchat:)/i
/** Characters of an id that are enough to be taken for its beginning. */
const PREFIX = 4

/** A contact by name, anybody by address or link, and who asks by the conversation or their own name. */
const someone = async (client: Client, named: string): Promise<Address> => {
  if (LOOKS_LIKE_PEER.test(named)) return parsePeer(named).address
  const contact = await client.contacts.find(named)
  if (contact !== undefined) return contact.address
  const wanted = named.trim().toLowerCase()
  const asking = (await client.contacts.requests()).filter(
    ({ conversation, profile }) =>
      profile?.name?.toLowerCase() === wanted || (wanted.length >= PREFIX && conversation.startsWith(wanted)),
  )
  const found = new Set(asking.map(({ from }) => from))
  const [only] = found
  if (only !== undefined && found.size === 1) return only
  const hint = 'Name a contact ("dchat contacts list"), a request ("dchat contacts requests"), an address or a link.'
  throw new DchatError('identity/unknown-peer', { peer: named, hint }, { hint })
}

const profileView = ({ picture, ...profile }: Profile): ProfileView => ({
  ...profile,
  ...(picture === undefined ? {} : { picture: pictureView(picture) }),
})

export const requestView = ({ conversation, kind, from, profile, name, people, at }: Request): RequestView => ({
  chat: conversation,
  kind,
  from,
  ...(profile?.name === undefined ? {} : { name: profile.name }),
  ...(profile?.about === undefined ? {} : { about: profile.about }),
  ...(name === undefined ? {} : { title: name }),
  ...(people === undefined ? {} : { people }),
  at,
})

const personView = ({ profile, ...person }: Person, safetyNumber: string | undefined): PersonView => ({
  ...person,
  ...(profile === undefined ? {} : { profile: profileView(profile) }),
  ...(safetyNumber === undefined ? {} : { safetyNumber }),
})

/** Whoever was never met, or whose log has forked, has none. */
const numberOf = async ({ contacts }: Client, address: Address): Promise<string | undefined> => {
  try {
    return (await contacts.safetyNumber(address)).digits
  } catch (error) {
    if (!isDchatError(error) || error.code === 'usage/closed') throw error
    return undefined
  }
}

export const show = async ({ client }: Engine, { person }: Params<'contacts.show'>): Result<'contacts.show'> => {
  const address = await someone(client, person)
  return personView(await client.contacts.person(address), await numberOf(client, address))
}

export const rename = async (
  { client }: Engine,
  { person, name }: Params<'contacts.rename'>,
): Result<'contacts.rename'> => {
  const address = await someone(client, person)
  await client.contacts.rename(address, name)
  const { consent, nickname } = await client.contacts.person(address)
  return { address, consent, ...(nickname === undefined ? {} : { name: nickname }) }
}

export const remove = async ({ client }: Engine, { person }: Params<'contacts.remove'>): Result<'contacts.remove'> => {
  const address = await someone(client, person)
  await client.contacts.remove(address)
  return { address }
}

const answer =
  (verb: 'deny' | 'block' | 'unblock') =>
  async ({ client }: Engine, { person }: { readonly person: string }): Result<'contacts.deny'> => {
    const address = await someone(client, person)
    await client.contacts[verb](address)
    return { address, consent: (await client.contacts.person(address)).consent }
  }

export const deny = answer('deny')
export const block = answer('block')
export const unblock = answer('unblock')

export const allow = async (
  engine: Engine,
  { person, patience = PATIENCE, ...waiting }: Params<'contacts.allow'>,
  signal: AbortSignal,
): Result<'contacts.allow'> => {
  const { contacts } = engine.client
  const address = await someone(engine.client, person)
  await contacts.allow(address)
  const checked = await caughtUp(engine, { patience, ...waiting }, signal).then(
    () => true,
    (error: unknown) => {
      if (isDchatError(error, 'transport/unreachable')) return false
      throw error
    },
  )
  return { address, consent: (await contacts.person(address)).consent, checked }
}

export const verify = async (
  { client: { contacts }, client }: Engine,
  { person, compared, same, off }: Params<'contacts.verify'>,
): Result<'contacts.verify'> => {
  const address = await someone(client, person)
  const number = await contacts.safetyNumber(address)
  if (off) await contacts.unverify(address)
  else if (compared !== undefined || same) await contacts.verify(address, compared)
  return { address, verification: (await contacts.person(address)).verification, ...number }
}

export async function* requests(
  engine: Engine,
  { offline, ...waiting }: PeopleStreams['contacts.requests']['params'],
  signal: AbortSignal,
): AsyncGenerator<RequestView> {
  if (offline !== true) await caughtUp(engine, waiting, signal)
  for (const request of await engine.client.contacts.requests()) yield requestView(request)
}

export const showProfile = async ({ client }: Engine): Result<'profile.show'> =>
  profileView(await client.profiles.mine())

const given = <T, U>(value: T | null | undefined, as: (value: T) => U): U | undefined =>
  value === null || value === undefined ? undefined : as(value)

export const setProfile = async (
  { client }: Engine,
  { name, about, picture }: Params<'profile.set'>,
): Result<'profile.set'> => {
  const text = (value: string) => value
  const profile = await client.profiles.set({
    ...(name === undefined ? {} : { name: given(name, text) }),
    ...(about === undefined ? {} : { about: given(about, text) }),
    ...(picture === undefined ? {} : { picture: given(picture, (view: PictureView) => pictureOf(view)) }),
  })
  return profileView(profile)
}
