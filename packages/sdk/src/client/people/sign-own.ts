import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { profileProblem, signProfile } from '../../protocol/messages/profile.ts'
import type { Profile } from '../../records/people.ts'
import type { Core, SignedForms } from '../core.ts'
import { putControlIntent } from '../intents.ts'
import { getRegister, setRegister } from '../personal/registers.ts'
import type { RoomRecord } from '../records.ts'
import { epochOf, getControl } from '../rooms/session.ts'
import { ownProfileChanged } from './profile-changed.ts'

/** What this person tells of itself; number 0 if it told nothing yet. */
export const ownProfile = async ({ store, self }: Pick<Core, 'store' | 'self'>): Promise<Profile> => {
  const known = await store.read((tx) => getRegister(tx, 'profile', 'self'))
  return { version: 0, ...known, address: self.address }
}

export const signOwn = async (core: Core): Promise<SignedForms> => {
  const { self, crypto } = core
  const profile = await ownProfile(core)
  const [full, short] = await Promise.all(
    [false, true].map((short) => signProfile(crypto, self.record, profile, short)),
  )
  return { version: profile.version, full: full as Uint8Array, short: short as Uint8Array }
}

/** Throws `usage/invalid-argument`. */
export const changeProfile = async (
  core: Core,
  changes: {
    readonly name?: string | undefined
    readonly about?: string | undefined
    readonly picture?: Profile['picture']
  },
): Promise<Profile> => {
  const profile = await core.store.write(async (tx) => {
    const { version = 0, ...known } = (await getRegister(tx, 'profile', 'self')) ?? {}
    const { name, about, picture } = { ...known, ...changes }
    const next = {
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(about === undefined ? {} : { about }),
      ...(picture === undefined ? {} : { picture }),
    }
    const problem = profileProblem(next)
    if (problem !== undefined)
      throw new DchatError('usage/invalid-argument', { name: problem, reason: REASONS[problem] ?? 'it is not valid' })
    // Of two devices that changed it at once, the later one wins everywhere.
    const value = { ...next, version: Math.max(core.clock.now(), version + 1) }
    await setRegister(tx, core, 'profile', 'self', value)
    await ownProfileChanged(tx, core)
    return { ...value, address: core.self.address }
  })
  // Between the two somebody may have read what was there before.
  core.profile.changed()
  return profile
}

/** meta/profile-sent/<room>: what of the own profile stands in a room, for those who were there in an epoch. */
interface SentRecord {
  readonly version: number
  readonly epoch: number
}

/** Queues the profile where somebody may not have it. */
export const putProfile = async (
  tx: StoreWriter,
  core: Core,
  room: string,
  { version, full }: SignedForms,
): Promise<void> => {
  const key = `profile-sent/${room}`
  const sent = await tx.get<SentRecord>('meta', key)
  const record = await tx.get<RoomRecord>('rooms', room)
  const people = (await getControl(tx, room))?.snapshot.people ?? []
  const others = people.filter(({ address }) => address !== core.self.address)
  if (sent?.version === version && others.every(({ since }) => since <= sent.epoch)) return
  const epoch = record === undefined ? 0 : epochOf(record)
  tx.put('meta', { key, value: { version, epoch } satisfies SentRecord })
  await putControlIntent(tx, core, room, { kind: 'profile', profile: full })
}

const REASONS: Readonly<Record<string, string>> = {
  name: 'it has 1 to 64 characters in one line, and no control characters',
  about: 'it has 1 to 1,000 characters, and no control characters',
  picture: 'it is a PNG, JPEG or WebP image of at most 16 KiB',
}
