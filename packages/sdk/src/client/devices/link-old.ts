import { DchatError, isDchatError } from '../../errors.ts'
import { deviceIdOf } from '../../protocol/identity/address.ts'
import { type LinkCode, parseLinkCode } from '../../protocol/identity/link-code.ts'
import {
  decodeLinkOffer,
  decodeLinkReply,
  encodeLinkAnswer,
  type LinkAnswer,
  type LinkDevice,
  openLinkDevice,
  openLinkStored,
  sealLinkGrant,
} from '../../protocol/identity/link-messages.ts'
import { answerPairing, isTag, type Pairing } from '../../protocol/identity/link-pairing.ts'
import { pakeScalar } from '../../protocol/identity/link-pake.ts'
import { appendEntry, deviceOf, encodedLog } from '../../protocol/identity/log.ts'
import { RENDEZVOUS_LIFETIME } from '../../protocol/wire/limits.ts'
import type { Device } from '../../records/device.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { within } from '../../util/wait.ts'
import type { PendingLink } from '../api/devices.ts'
import type { Core } from '../core.ts'
import { exportArchiveKeys } from '../history/archive-keys.ts'
import { keepArchive } from '../history/keep-archive.ts'
import { addJob } from '../jobs.ts'
import { appendToOwnLog } from './append-log.ts'
import type { OldLinkRecord } from './link-record.ts'
import { shownDevice } from './list.ts'
import { hear, leave, look, type Meeting } from './meeting.ts'
import { signerFor } from './signer.ts'

/** ms that the new device may take for an answer: it does not wait for a person. */
const PATIENCE = 60_000

/** ms that an approval waits for the archive. */
const ARCHIVE = 10_000

const SCOPE = 'linking'
/** Links of the last minutes; what is older is dropped. */
const KEPT = 1_000

const keyOf = ({ slot }: LinkCode): string => `linking/${toHex(slot)}`

/** Finds the new device that shows a code, and proves to each that the other knows it. May be repeated: it goes on. */
export const findNewDevice = async (
  core: Core,
  qrOrCode: string,
  { signal = core.signal }: Abortable = {},
): Promise<PendingLink> => {
  const code = parseLinkCode(qrOrCode)
  const record = await recordOf(core, code, { signal })
  if (record.done !== undefined) return doneLink(core, record.done)
  const found = answerTo(code, record)
  const meeting: Meeting = {
    link: core.links.get(record.relay),
    clock: core.clock,
    slot: code.slot,
    expiresAt: record.expiresAt,
  }
  try {
    await leave(meeting, 'old', 0, encodeLinkAnswer(found?.answer ?? NO_ANSWER), { signal })
  } catch (error) {
    // Somebody else has answered this code.
    if (isDchatError(error, 'relay/conflict')) throw await over(core, code)
    throw error
  }
  if (found === undefined) throw await over(core, code)
  const { pairing } = found
  const device = await deviceOfReply(core, code, await patiently(core, meeting, 1, signal), pairing)
  return pendingLink(core, { code, meeting, pairing, device })
}

/** What nobody's proof fits: the new device learns at once that the link is over. */
const NO_ANSWER: LinkAnswer = { y: new Uint8Array(32), tag: new Uint8Array(64) }

/** Undefined for an offer that is none: somebody changed it. */
const answerTo = (code: LinkCode, { offer, scalar }: OldLinkRecord): ReturnType<typeof answerPairing> => {
  try {
    return answerPairing(code, decodeLinkOffer(offer), scalar)
  } catch (error) {
    if (!isDchatError(error)) throw error
    return undefined
  }
}

/** What is known of this link, stored before anything leaves: there is one guess, so it is made once. */
const recordOf = async (core: Core, code: LinkCode, options: Abortable): Promise<OldLinkRecord> => {
  const { store, clock, crypto } = core
  const known = await store.read((tx) => tx.get<OldLinkRecord>('meta', keyOf(code)))
  if (known !== undefined && known.expiresAt > clock.now()) return known
  const { relay, offer } = await findOffer(core, code, options)
  const record: OldLinkRecord = {
    relay,
    offer,
    scalar: pakeScalar(crypto.random),
    expiresAt: clock.now() + RENDEZVOUS_LIFETIME,
  }
  await store.write(async (tx) => {
    const rows = await tx.page<OldLinkRecord>('meta', { scope: SCOPE, limit: KEPT })
    for (const { key, value } of rows) if (value.expiresAt <= clock.now()) tx.delete('meta', key)
    const position = (rows[rows.length - 1]?.position ?? 0) + 1
    tx.put('meta', { key: keyOf(code), scope: SCOPE, position, value: record })
  })
  return record
}

const change = (
  { store }: Pick<Core, 'store'>,
  code: LinkCode,
  how: (record: OldLinkRecord) => OldLinkRecord,
): Promise<void> =>
  store.write(async (tx) => {
    const rows = await tx.page<OldLinkRecord>('meta', { scope: SCOPE, limit: KEPT })
    const row = rows.find(({ key }) => key === keyOf(code))
    if (row !== undefined) tx.put('meta', { ...row, scope: SCOPE, value: how(row.value) })
  })

const findOffer = async (
  { links, self }: Core,
  { relay, slot }: LinkCode,
  options: Abortable,
): Promise<{ readonly relay: RelayUrl; readonly offer: Uint8Array }> => {
  let failure: unknown = new DchatError('identity/no-such-link', {})
  let answered = false
  for (const url of relay === undefined ? self.relays : [relay]) {
    try {
      const offer = await look({ link: links.get(url), slot }, 'new', 0, options)
      if (offer !== undefined) return { relay: url, offer }
      answered = true
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!isDchatError(error)) throw error
      failure = error
    }
  }
  throw answered ? new DchatError('identity/no-such-link', {}) : failure
}

/** The link is over for both: the code was wrong, or somebody is in between. */
const over = async (core: Core, code: LinkCode): Promise<DchatError> => {
  await forget(core, code)
  return new DchatError('identity/wrong-link-code', {})
}

const forget = ({ store }: Core, code: LinkCode): Promise<void> =>
  store.write(async (tx) => tx.delete('meta', keyOf(code)))

/** The new device's next message, which needs nobody's decision. Throws `transport/unconfirmed`. */
const patiently = async (
  { clock }: Core,
  meeting: Meeting,
  index: number,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  let body: Uint8Array | undefined
  await within(clock, PATIENCE, async (stop) => (body = await hear(meeting, 'new', index, { signal: stop })), {
    signal,
  })
  if (body === undefined) throw new DchatError('transport/unconfirmed', { waited: PATIENCE })
  return body
}

const deviceOfReply = async (
  core: Core,
  code: LinkCode,
  encoded: Uint8Array,
  { keys, expected }: Pairing,
): Promise<LinkDevice> => {
  try {
    const reply = decodeLinkReply(encoded)
    if (reply !== 'refused' && isTag(expected, reply.tag)) return await openLinkDevice(core.crypto, keys, reply.sealed)
  } catch (error) {
    if (!isDchatError(error)) throw error
  }
  throw await over(core, code)
}

interface Found {
  readonly code: LinkCode
  readonly meeting: Meeting
  readonly pairing: Pairing
  readonly device: LinkDevice
}

const pendingLink = (core: Core, found: Found): PendingLink => {
  const { device } = found
  return {
    device: deviceIdOf(device.deviceKey),
    ...(device.name === undefined ? {} : { deviceName: device.name }),
    approve: (options = {}) => approve(core, found, options),
    refuse: () => refuse(core, found),
  }
}

const refuse = async (core: Core, found: Found): Promise<void> => {
  await give(core, found, () => sealLinkGrant(core.crypto.random, found.pairing.keys, undefined), core.signal)
  await forget(core, found.code)
}

const approve = async (
  core: Core,
  found: Found,
  { signal = core.signal, ...options }: Abortable & { name?: string; phrase?: string },
): Promise<Device> => {
  const { self, crypto, store, clock } = core
  const { deviceKey, introKey } = found.device
  const name = options.name ?? found.device.name
  // It was let in once and taken out again: it has to come back as another device.
  if (deviceOf(self.log, deviceKey)?.revokedAt !== undefined) await refuse(core, found)
  await appendToOwnLog(
    core,
    (log) => {
      const known = deviceOf(log, deviceKey)
      if (known?.revokedAt !== undefined) throw new DchatError('identity/device-revoked', { device: known.device })
      // Approved before: the same device asks again.
      if (known !== undefined && equalBytes(known.introKey, introKey)) return undefined
      const body = {
        kind: 'add-device',
        deviceKey,
        introKey,
        at: clock.now(),
        ...(name === undefined ? {} : { name }),
      } as const
      return appendEntry(log, body, signerFor(self, log, options.phrase))
    },
    { signal },
  )
  await addJob(store, `bring-in/${toHex(deviceKey)}`, { kind: 'bring-in', deviceKey }, clock.now())
  await bringUpToDate(core, signal)
  const archiveKeys = await exportArchiveKeys(core)
  const granted = {
    log: encodedLog(self.log),
    relays: self.relays,
    ...(archiveKeys === undefined ? {} : { archiveKeys }),
  }
  await give(core, found, () => sealLinkGrant(crypto.random, found.pairing.keys, granted), signal)
  openLinkStored(found.pairing.keys, await patiently(core, found.meeting, 2, signal))
  await change(core, found.code, (record) => ({ ...record, done: deviceKey }))
  return shown(core, deviceKey)
}

const shown = ({ self, store }: Core, deviceKey: Uint8Array): Promise<Device> => {
  const known = deviceOf(self.log, deviceKey)
  if (known === undefined) throw new DchatError('identity/bad-log', { reason: 'the new device is not in it' })
  return store.read((tx) => shownDevice(tx, { self }, known))
}

/** This device may be off when the new one reads the archive: it holds what this one has, as far as that is quickly done. */
const bringUpToDate = async (core: Core, signal: AbortSignal): Promise<void> => {
  try {
    await within(core.clock, ARCHIVE, () => keepArchive(core), { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    core.log.info('the archive lies behind', { code: error.code })
  }
}

/** A link that was approved already: nothing is left to decide. */
const doneLink = async (core: Core, deviceKey: Uint8Array): Promise<PendingLink> => {
  const { id, name } = await shown(core, deviceKey)
  return {
    device: id,
    ...(name === undefined ? {} : { deviceName: name }),
    approve: () => shown(core, deviceKey),
    refuse: async () => {
      throw new DchatError('identity/no-such-link', {})
    },
  }
}

/** The answer is stored before it leaves: repeated, it is the same. */
const give = async (
  { store }: Core,
  { code, meeting }: Found,
  make: () => Uint8Array[],
  signal: AbortSignal,
): Promise<void> => {
  const record = await store.read((tx) => tx.get<OldLinkRecord>('meta', keyOf(code)))
  const parts = record?.grant ?? make()
  await change({ store }, code, (known) => ({ ...known, grant: parts }))
  for (const [at, part] of parts.entries()) await leave(meeting, 'old', at + 1, part, { signal })
}
