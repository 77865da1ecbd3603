import {
  type Client,
  type ClientOptions,
  createClient,
  type NewIdentity,
  type RelayUrl,
  type RestoredIdentity,
  type Unlock,
} from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import type { Profile } from '../config/profile.ts'

/** What others are told about who has the store. */
export const OWNER = 'dchat'

export const unlockBy = (passphrase: string | undefined): Unlock =>
  passphrase === undefined ? { keyFile: true } : { passphrase }

/** The same errors with the profile's name, which the SDK does not know. */
export const named = (error: unknown, { name }: Profile): unknown => {
  if (isDchatError(error, 'identity/none')) return new DchatError('identity/none', { profile: name }, { cause: error })
  if (isDchatError(error, 'identity/locked'))
    return new DchatError('identity/locked', { profile: name }, { cause: error })
  if (isDchatError(error, 'identity/exists'))
    return new DchatError('identity/exists', { profile: name }, { cause: error })
  if (isDchatError(error, 'backup/incomplete'))
    return new DchatError('backup/incomplete', { store: `the profile "${name}"` }, { cause: error })
  return error
}

export interface OpenClient {
  /** From a file, a descriptor or a credential; undefined if none was named. */
  readonly passphrase: () => Promise<string | undefined>
  /** Asks the person, where there is one. */
  readonly ask: (() => Promise<string>) | undefined
}

/** Opens the profile's store, which makes this process its owner. Throws `storage/in-use` and the errors of the store. */
export const openClient = async (
  profile: Profile,
  { passphrase, ask }: OpenClient,
  more: Pick<ClientOptions, 'strangers'> = {},
): Promise<Client> => {
  const open = (unlock: Unlock): Promise<Client> =>
    createClient({ store: profile.directory, owner: OWNER, unlock, ...more })
  const given = await passphrase()
  try {
    return await open(unlockBy(given))
  } catch (error) {
    if (!isDchatError(error, 'identity/locked') || given !== undefined || ask === undefined) throw named(error, profile)
  }
  try {
    return await open(unlockBy(await ask()))
  } catch (error) {
    throw named(error, profile)
  }
}

export interface CreateClient {
  readonly identity: NewIdentity | RestoredIdentity
  readonly relays: readonly RelayUrl[]
  readonly passphrase: string | undefined
}

/** Whatever lies there and does not open is somebody's store. */
const TAKEN = new Set(['identity/exists', 'identity/locked', 'identity/wrong-passphrase', 'storage/in-use'])

/** Makes the profile's store, or goes on where an earlier attempt broke off. Throws `identity/exists`. */
export const createProfileClient = async (profile: Profile, options: CreateClient): Promise<Client> => {
  const { identity, relays, passphrase } = options
  try {
    return await createClient({
      store: profile.directory,
      owner: OWNER,
      unlock: unlockBy(passphrase),
      identity,
      relays,
    })
  } catch (error) {
    if (!isDchatError(error) || !TAKEN.has(error.code)) throw error
    throw new DchatError('identity/exists', { profile: profile.name }, { cause: error })
  }
}
