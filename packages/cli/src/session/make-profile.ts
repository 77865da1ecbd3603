import { rm } from 'node:fs/promises'
import type { Client } from '@dchat/sdk'
import { createIdentity, restoreIdentity } from '@dchat/sdk'
import { nodeCrypto } from '@dchat/sdk/node'
import type { Context } from '../command/context.ts'
import { privateDirectory } from '../config/config.ts'
import type { Profile } from '../config/profile.ts'
import { writeSecret } from '../io/secrets.ts'
import { relaysOf, settleProfile } from './new-profile.ts'
import type { CreateClient } from './open-client.ts'
import { createProfileClient } from './open-client.ts'

export interface MakeProfile {
  /** Brings an identity back; without it a new one is made. */
  readonly phrase?: string
  /** Where to write the phrase of a new identity. */
  readonly phraseFile: string | undefined
  /** Shows it on stderr also where that is no terminal. */
  readonly showPhrase: boolean
  /** To a relay that takes people by invitation; it is a home relay, also where no flag names one. */
  readonly invitation: string | undefined
}

/** Shown once: nothing that is stored can make the phrase again. */
const showPhrase = (phrase: string, wish: MakeProfile, { host, out }: Context): void => {
  if (wish.showPhrase || host.stderr.isTTY === true)
    out.secret(`Recovery phrase, shown only now; write it down and keep it secret:\n\n    ${phrase}\n`)
  else if (wish.phraseFile === undefined)
    out.note('The recovery phrase was not shown: there is no terminal, and neither --show-phrase nor --phrase-file.')
}

/** The phrase is in its file before the identity is in the store; where the store cannot be made it is taken back. */
const create = async (profile: Profile, options: CreateClient, phraseFile: string | undefined): Promise<Client> => {
  if (phraseFile !== undefined) await writeSecret(phraseFile, options.identity.recoveryPhrase, '--phrase-file')
  try {
    return await createProfileClient(profile, options)
  } catch (error) {
    if (phraseFile !== undefined) await rm(phraseFile, { force: true })
    throw error
  }
}

/** Makes a profile with a new or restored identity, tells its relays, and prints what it is. Throws `identity/exists`. */
export const makeProfile = async (context: Context, wish: MakeProfile): Promise<void> => {
  const { out, directories } = context
  const profile = await context.profile()
  const relays = await relaysOf(
    context,
    'an identity needs at least one relay where others can reach it',
    'Name one with --relay wss://…, or run one with "dchat relay serve".',
    wish.invitation,
  )
  const identity =
    wish.phrase === undefined ? createIdentity({ random: nodeCrypto().random }) : restoreIdentity(wish.phrase)
  const passphrase = await context.passphrase()
  await privateDirectory(directories.data)
  const client = await create(profile, { identity, relays, passphrase }, wish.phraseFile)
  try {
    if (wish.phrase === undefined) showPhrase(identity.recoveryPhrase, wish, context)
    const made = await settleProfile(client, context, relays, wish.invitation)
    const protection = passphrase === undefined ? 'key-file' : 'passphrase'
    await out.result({ ...made, protection }, made.address)
  } finally {
    await client.close()
  }
}
