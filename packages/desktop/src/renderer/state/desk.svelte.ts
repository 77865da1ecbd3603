import { createContext } from 'svelte'
import type { Host } from '../../core/host.ts'
import type { Accounts } from './accounts.svelte.ts'
import type { Appearance } from './appearance.svelte.ts'
import { Places } from './place.svelte.ts'
import type { Session } from './session.svelte.ts'
import type { Troubles } from './troubles.svelte.ts'

/** Everything that a feature can reach: one per window, made by the composition root. */
export class Desk {
  readonly host: Host
  readonly accounts: Accounts
  readonly appearance: Appearance
  readonly places = new Places()
  readonly troubles: Troubles

  constructor(host: Host, accounts: Accounts, appearance: Appearance, troubles: Troubles) {
    this.host = host
    this.accounts = accounts
    this.appearance = appearance
    this.troubles = troubles
  }

  /** The identity that is looked at. Features are shown only while there is one. */
  get session(): Session {
    const session = this.accounts.active
    if (session === undefined) throw new Error('a feature was drawn without an identity')
    return session
  }
}

/** Svelte context: `setDesk` in the composition root, `getDesk` while a component is made. */
export const [getDesk, setDesk] = createContext<Desk>()
