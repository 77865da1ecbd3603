import type { LinkStep } from '../../records/device.ts'
import type { Abortable } from '../../util/abort.ts'
import type { ClientOptions } from '../client-options.ts'

/** What `linkDevice` takes: the options of the client that it resolves to, and how to show what happens. */
export interface LinkDeviceOptions extends Omit<ClientOptions, 'identity' | 'relays'>, Abortable {
  /** `ws:` or `wss:` addresses of relays that the person uses: the first that answers is the place where the two meet. */
  readonly relays: readonly string[]
  readonly onStep?: (step: LinkStep) => void
}
