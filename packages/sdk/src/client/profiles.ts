import type { Address } from '../records/ids.ts'
import type { Profile } from '../records/people.ts'
import type { Profiles } from './api/people.ts'
import type { Core } from './core.ts'
import { getProfile } from './people/profile-rows.ts'

export const profilesApi = (core: Core): Profiles => ({
  mine: async () => (await import('./later.ts')).ownProfile(core),
  set: async (changes) => (await import('./later.ts')).changeProfile(core, changes),
  get: async (address: Address): Promise<Profile | undefined> => {
    if (address !== core.self.address) return core.store.read((tx) => getProfile(tx, address))
    const { ownProfile } = await import('./later.ts')
    const own = await ownProfile(core)
    return own.version === 0 ? undefined : own
  },
})
