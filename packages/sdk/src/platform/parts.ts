import type { ClientParts } from '../client/assemble-client.ts'
import type { ClientOptions } from '../client/client-options.ts'
import { parseRelayUrl } from '../protocol/wire/relay-url.ts'

/** What of the options goes into a client as it is, on every platform. */
export const partsOf = (
  options: ClientOptions,
): Pick<
  ClientParts,
  'identity' | 'relays' | 'deviceName' | 'reports' | 'strangers' | 'payments' | 'log' | 'onClose'
> => {
  const { identity, relays, deviceName, reports, strangers, payments, log, onClose } = options
  return {
    ...(identity && { identity }),
    ...(relays && { relays: relays.map(parseRelayUrl) }),
    ...(deviceName !== undefined && { deviceName }),
    ...(reports !== undefined && { reports }),
    ...(strangers !== undefined && { strangers }),
    ...(payments && { payments }),
    ...(log && { log }),
    ...(onClose && { onClose }),
  }
}
