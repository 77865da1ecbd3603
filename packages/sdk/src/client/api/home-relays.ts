import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'

/** Who may sign, and where, if no home relay answers. */
export interface HomeOptions extends Abortable {
  /** The recovery phrase: a device without the root key needs it. */
  readonly phrase?: string
  /**
   * None of the home relays answers and they are gone for good: the change is left at the new one first. Another own device
   * that changes the identity at the same moment would fork it; the phrase prevents that, because the recovery key signs then.
   */
  readonly lost?: boolean
}

/**
 * The 1 to 3 relays where this person can be found, as the identity's log names them: they hold its log, its archive, and
 * inbox and key packages of each device. Every verb signs an entry of the log, resolves with the new list when a relay holds
 * it, and throws `identity/needs-phrase`, `identity/bad-phrase`, `identity/frozen`, `relay/no-home` where no home relay
 * answers, `usage/invalid-argument`, and for a new relay `transport/unreachable` and `relay/not-invited`.
 */
export interface HomeRelays {
  /** One more, behind the others. */
  add(relay: RelayUrl, options?: HomeOptions): Promise<readonly RelayUrl[]>
  /** One less. Its inbox is read for 30 more days, because others learn of it late. */
  remove(relay: RelayUrl, options?: HomeOptions): Promise<readonly RelayUrl[]>
  /** The first one from now on: the hub of new conversations. Added where it is none yet. */
  use(relay: RelayUrl, options?: HomeOptions): Promise<readonly RelayUrl[]>
}
