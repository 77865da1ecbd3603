import type { StoreWriter } from '../../domain/store/store.ts'
import type { Core, ProfileKeeper, SignedForms } from '../core.ts'
import { PROFILE_VERSION } from './profile-rows.ts'

type Work = typeof import('../later.ts')

/** The own profile, signed when it is first needed and again when it changed, here or on another own device. */
export class OwnProfile implements ProfileKeeper {
  #ready: Promise<SignedForms | undefined> | undefined
  #work: Work | undefined
  #signed: SignedForms | undefined

  changed(): void {
    this.#ready = undefined
  }

  async prepare(core: Core): Promise<SignedForms | undefined> {
    this.#ready ??= this.#sign(core)
    const ready = this.#ready
    try {
      return await ready
    } catch {
      // A page without a network may not have loaded what signs. The message does not wait for it.
      if (this.#ready === ready) this.#ready = undefined
      core.log.info('profile not signed')
      return undefined
    }
  }

  async putInto(tx: StoreWriter, core: Core, room: string): Promise<void> {
    const version = await tx.get<number>('meta', PROFILE_VERSION)
    // It changed since `prepare`: the next message brings it.
    if (version !== this.#signed?.version) this.#ready = undefined
    else if (this.#signed !== undefined) await this.#work?.putProfile(tx, core, room, this.#signed)
  }

  async #sign(core: Core): Promise<SignedForms | undefined> {
    if ((await core.store.read((tx) => tx.get<number>('meta', PROFILE_VERSION))) === undefined) return undefined
    this.#work ??= await import('../later.ts')
    this.#signed = await this.#work.signOwn(core)
    return this.#signed
  }
}
