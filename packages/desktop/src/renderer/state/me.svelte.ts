import type { Client, Profile } from '@dchat/sdk'

/** What this person tells of themselves. */
export class Me {
  readonly #client: Client
  /** undefined until it is read. */
  #profile = $state.raw<Profile | undefined>(undefined)

  constructor(client: Client, failed: (error: unknown) => void) {
    this.#client = client
    this.refresh().catch(failed)
  }

  get profile(): Profile | undefined {
    return this.#profile
  }

  /** Fields that are left out stay; undefined takes one back. */
  async set(changes: Parameters<Client['profiles']['set']>[0]): Promise<void> {
    this.#profile = await this.#client.profiles.set(changes)
  }

  async refresh(): Promise<void> {
    this.#profile = await this.#client.profiles.mine()
  }
}
