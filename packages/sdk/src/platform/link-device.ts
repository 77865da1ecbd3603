import type { ClientParts } from '../client/assemble-client.ts'
import type { ClientOptions } from '../client/client-options.ts'
import { linkNewDevice } from '../client/devices/link-new.ts'
import type { LinkDeviceOptions } from '../client/devices/link-options.ts'
import { parseRelayUrl } from '../protocol/wire/relay-url.ts'

/** Makes an open store one of the linked device. */
export const linkInStore = (
  { relays, deviceName, onStep, signal }: LinkDeviceOptions,
  parts: Pick<ClientParts, 'store' | 'transport' | 'crypto' | 'clock'>,
): Promise<void> =>
  linkNewDevice({
    ...parts,
    relays: relays.map(parseRelayUrl),
    ...(deviceName === undefined ? {} : { deviceName }),
    ...(onStep && { onStep }),
    ...(signal && { signal }),
  })

/** What of the options goes on to the client over the store. */
export const clientOptionsOf = (options: LinkDeviceOptions): ClientOptions => {
  const { relays: _, onStep: __, signal: ___, ...rest } = options
  return rest
}
