import { DchatError, isDchatError } from '../errors.ts'
import { encodedLog } from '../protocol/identity/log.ts'
import { type InboxKind, sealInboxItem } from '../protocol/inbox/item.ts'
import type { Address } from '../records/ids.ts'
import { toHex } from '../util/bytes.ts'
import type { Core } from './core.ts'

const TIMEOUT = 15_000

/**
 * Leaves a sealed item in a device's inbox at each home relay of its person. One relay that took it is enough; with none
 * it rejects with the last reason. The reference makes a repetition harmless.
 */
export const postItem = async (
  core: Core,
  item: {
    readonly address: Address
    readonly deviceKey: Uint8Array
    readonly item: InboxKind
    readonly body: Uint8Array
    readonly reference: Uint8Array
  },
): Promise<void> => {
  const { self, directory, links, crypto, signal } = core
  const log =
    (await directory.get(item.address)) ??
    (await directory.lookUp(item.address, { hints: [], home: self.relays }, { signal }))
  const device = log.devices.get(toHex(item.deviceKey))
  if (device === undefined || device.revokedAt !== undefined) return
  const sender = { seed: self.record.seed, deviceKey: self.record.deviceKey, log: encodedLog(self.log) }
  const body = await sealInboxItem(crypto, sender, device, item.item, item.body)
  const params = { device: item.deviceKey, reference: item.reference, body }
  const answers = await Promise.allSettled(
    directory
      .relaysOf(item.address)
      .map((relay) => links.get(relay).request('inbox.put', params, { signal, timeout: TIMEOUT })),
  )
  signal.throwIfAborted()
  if (answers.some(({ status }) => status === 'fulfilled')) return
  // They may be at home elsewhere by now: the next attempt goes there.
  const places = { hints: [], home: self.relays }
  await directory.lookUp(item.address, places, { signal, everywhere: true })
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
  // One that does not know them is no reason to give up one that is away.
  const passing = reasons.find((reason) => isDchatError(reason) && reason.retryable)
  throw (
    passing ??
    reasons[0] ??
    new DchatError('identity/unknown-peer', { peer: item.address, hint: 'it names no home relay' })
  )
}
