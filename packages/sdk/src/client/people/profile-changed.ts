import type { StoreWriter } from '../../domain/store/store.ts'
import type { Core } from '../core.ts'
import { getRegister } from '../personal/registers.ts'
import { PROFILE_VERSION } from './profile-rows.ts'

/** The own profile changed, here or on another own device. */
export const ownProfileChanged = async (tx: StoreWriter, core: Core): Promise<void> => {
  const profile = await getRegister(tx, 'profile', 'self')
  if (profile !== undefined) tx.put('meta', { key: PROFILE_VERSION, value: profile.version })
  core.profile.changed()
}
