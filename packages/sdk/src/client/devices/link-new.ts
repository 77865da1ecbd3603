import type { Store } from '../../domain/store/store.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { RelayLink, Transport } from '../../ports/transport.ts'
import { createDevice } from '../../protocol/identity/device.ts'
import { formatLinkText, formatShortCode, type LinkCode, parseLinkCode } from '../../protocol/identity/link-code.ts'
import {
  decodeLinkAnswer,
  decodeLinkPart,
  encodeLinkOffer,
  encodeLinkReply,
  type LinkGrant,
  openLinkGrant,
  sealLinkDevice,
  sealLinkStored,
} from '../../protocol/identity/link-messages.ts'
import { finishPairing, type Pairing } from '../../protocol/identity/link-pairing.ts'
import { type IdentityLog, verifyLogAsync } from '../../protocol/identity/log.ts'
import { RENDEZVOUS_LIFETIME } from '../../protocol/wire/limits.ts'
import type { LinkStep } from '../../records/device.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { within } from '../../util/wait.ts'
import { importArchiveKeys } from '../history/archive-keys.ts'
import { LinkPool } from '../link-pool.ts'
import type { SelfRecord } from '../records.ts'
import { type LinkAttempt, type NewLinkRecord, newAttempt, offerOf } from './link-record.ts'
import { hear, leave, type Meeting } from './meeting.ts'

const KEY = 'link'
/** ms that a relay has to be ready. */
const READY = 10_000
/** ms less than the relay keeps a slot: the other side must not come too late. */
const MARGIN = 10_000
/** Short codes that are tried where the first ones are somebody else's at the moment. */
const CODES = 8
/** ms that the old device is told that all is well; it is not needed. */
const TELL = 5_000

export interface LinkWork extends Abortable {
  readonly store: Store
  readonly transport: Transport
  readonly crypto: Crypto
  readonly clock: Clock
  /** Where the old device looks for a short code: one of its home relays. */
  readonly relays: readonly RelayUrl[]
  readonly deviceName?: string
  readonly onStep?: (step: LinkStep) => void
}

const WAYS = ['short', 'long'] as const
type Way = (typeof WAYS)[number]

/**
 * Makes the store one of a device that an old one let in. Goes on where an earlier run was cut off. Throws
 * `identity/exists`, `identity/wrong-link-code`, `identity/link-expired`, `identity/link-refused`, `identity/bad-log`
 * and `transport/unreachable`; after each of them it can be called again, for a new code.
 */
export const linkNewDevice = async (work: LinkWork): Promise<void> => {
  const links = new LinkPool(work.transport, work.clock)
  try {
    await new NewDevice(work, links).run()
  } finally {
    await links.close()
  }
}

class NewDevice {
  readonly #work: LinkWork
  readonly #links: LinkPool
  #record!: NewLinkRecord

  constructor(work: LinkWork, links: LinkPool) {
    this.#work = work
    this.#links = links
  }

  async run(): Promise<void> {
    const { store } = this.#work
    const { self, link } = await store.read(async (tx) => ({
      self: await tx.get<SelfRecord>('meta', 'self'),
      link: await tx.get<NewLinkRecord>('meta', KEY),
    }))
    if (self !== undefined) {
      if (link?.stored === undefined) throw new DchatError('identity/exists', { profile: 'store' })
      this.#record = link
      return this.#tell(link.stored, self)
    }
    this.#record = link ?? (await this.#begin())
    try {
      await this.#attempt()
    } catch (error) {
      // Whatever it was: the code is spent. A device that was refused comes back as another one.
      if (isDchatError(error, 'identity/link-refused')) await store.write(async (tx) => tx.delete('meta', KEY))
      else if (isDchatError(error) && !error.retryable) await this.#forget()
      throw error
    }
  }

  /** The keys are stored before anything of them leaves. */
  async #begin(): Promise<NewLinkRecord> {
    const { crypto, deviceName } = this.#work
    const record = { keys: await createDevice(crypto), ...(deviceName === undefined ? {} : { deviceName }) }
    await this.#save(record)
    return record
  }

  async #attempt(): Promise<void> {
    const { attempt, link } = await this.#offer()
    const meetings = this.#meetings(attempt, link)
    const { way, answer } = await this.#answer(attempt, meetings)
    const meeting = meetings[way]
    const pairing = this.#pair(attempt, way, answer)
    if (pairing === undefined) {
      await this.#refuse(meeting)
      throw new DchatError('identity/wrong-link-code', {})
    }
    this.#tellStep({ step: 'found' })
    await leave(meeting, 'new', 1, await this.#reply(pairing), this.#options)
    const grant = await this.#grant(meeting, pairing)
    if (grant === undefined) throw new DchatError('identity/link-refused', {})
    await this.#keep(grant, pairing)
  }

  /** Shows the codes of a new attempt, or of the one that is under way, once their places are taken. */
  async #offer(): Promise<{ readonly attempt: LinkAttempt; readonly link: RelayLink }> {
    const { clock, crypto } = this.#work
    let { attempt } = this.#record
    if (attempt !== undefined && attempt.expiresAt <= clock.now()) attempt = undefined
    const { relay, link } = await this.#ready(attempt)
    for (let tried = 0; ; tried++) {
      if (attempt === undefined) {
        attempt = newAttempt(crypto.random, relay, clock.now() + RENDEZVOUS_LIFETIME - MARGIN)
        await this.#save({ ...this.#record, attempt })
      }
      try {
        await this.#occupy(attempt, link)
        break
      } catch (error) {
        if (!isDchatError(error, 'relay/conflict') || tried === CODES) throw error
        attempt = undefined
      }
    }
    const { short, long, expiresAt } = attempt
    const qr = formatLinkText(long.code, relay)
    this.#tellStep({ step: 'waiting', qr, code: formatShortCode(short.code), expiresAt })
    return { attempt, link }
  }

  async #ready(attempt: LinkAttempt | undefined): Promise<{ readonly relay: RelayUrl; readonly link: RelayLink }> {
    let failure: unknown = new DchatError('usage/invalid-argument', {
      name: 'relays',
      reason: 'a new device needs a home relay of the old one',
    })
    for (const relay of attempt === undefined ? this.#work.relays : [attempt.relay]) {
      const link = this.#links.get(relay)
      try {
        await link.ready({ ...this.#options, timeout: READY })
        return { relay, link }
      } catch (error) {
        this.#work.signal?.throwIfAborted()
        failure = error
      }
    }
    throw failure
  }

  #codes({ relay, short, long }: LinkAttempt): Readonly<Record<Way, LinkCode>> {
    return { short: parseLinkCode(short.code), long: parseLinkCode(formatLinkText(long.code, relay)) }
  }

  #meetings(attempt: LinkAttempt, link: RelayLink): Readonly<Record<Way, Meeting>> {
    const { clock } = this.#work
    const { expiresAt } = attempt
    const codes = this.#codes(attempt)
    const at = (way: Way) => ({ link, clock, expiresAt, slot: codes[way].slot })
    return { short: at('short'), long: at('long') }
  }

  async #occupy(attempt: LinkAttempt, link: RelayLink): Promise<void> {
    const codes = this.#codes(attempt)
    const meetings = this.#meetings(attempt, link)
    for (const way of WAYS)
      await leave(meetings[way], 'new', 0, encodeLinkOffer(offerOf(codes[way], attempt[way])), this.#options)
  }

  /** The first answer by either way; it is the only one, also after a restart. */
  async #answer(
    { answered }: LinkAttempt,
    meetings: Readonly<Record<Way, Meeting>>,
  ): Promise<{ readonly way: Way; readonly answer: Uint8Array }> {
    if (answered !== undefined) return answered
    const over = new AbortController()
    const { signal } = this.#work
    const both = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal])
    const waits = WAYS.map(async (way) => ({ way, answer: await hear(meetings[way], 'old', 0, { signal: both }) }))
    for (const wait of waits) wait.catch(() => undefined)
    try {
      const first = await Promise.race(waits)
      await this.#saveAttempt({ answered: first })
      return first
    } finally {
      over.abort()
    }
  }

  #pair(attempt: LinkAttempt, way: Way, answer: Uint8Array): Pairing | undefined {
    const offer = offerOf(this.#codes(attempt)[way], attempt[way])
    try {
      return finishPairing(offer, attempt[way].scalar, decodeLinkAnswer(answer))
    } catch (error) {
      if (isDchatError(error)) return undefined
      throw error
    }
  }

  /** The old device learns at once that its code was wrong; if it does not, its own patience ends. */
  async #refuse(meeting: Meeting): Promise<void> {
    const { clock } = this.#work
    const body = encodeLinkReply('refused')
    await within(clock, TELL, (signal) => leave(meeting, 'new', 1, body, { signal })).catch(() => undefined)
  }

  /** The same bytes after a restart: a place is written once. */
  async #reply({ keys, tag }: Pairing): Promise<Uint8Array> {
    const { crypto } = this.#work
    const { keys: device, deviceName, attempt } = this.#record
    if (attempt?.reply !== undefined) return attempt.reply
    const { seed, deviceKey, introKey } = device
    const about = { deviceKey, introKey, ...(deviceName === undefined ? {} : { name: deviceName }) }
    const reply = encodeLinkReply({ tag, sealed: await sealLinkDevice(crypto, keys, seed, about) })
    await this.#saveAttempt({ reply })
    return reply
  }

  async #grant(meeting: Meeting, { keys }: Pairing): Promise<LinkGrant | undefined> {
    const pieces: Uint8Array[] = []
    for (let total = 1; pieces.length < total; ) {
      const [all, piece] = decodeLinkPart(await hear(meeting, 'old', pieces.length + 1, this.#options))
      total = all
      pieces.push(piece)
    }
    return openLinkGrant(keys, pieces)
  }

  /** From here on the store is one of this identity. */
  async #keep({ log: encoded, relays, archiveKeys }: LinkGrant, { keys }: Pairing): Promise<void> {
    const { store, crypto } = this.#work
    const { keys: device, deviceName } = this.#record
    const log = await verifyLogAsync(crypto, encoded)
    const self: SelfRecord = {
      ...device,
      address: log.address,
      log: encoded,
      certificate: certificateIn(log, device),
      relays: log.relays.length > 0 ? log.relays : (relays as readonly RelayUrl[]),
      linked: true,
      ...(deviceName === undefined ? {} : { deviceName }),
    }
    const stored = sealLinkStored(crypto.random, keys)
    await store.write(async (tx) => {
      tx.put('meta', { key: 'self', value: self })
      tx.put('meta', { key: KEY, value: { ...this.#record, stored } satisfies NewLinkRecord })
      if (archiveKeys !== undefined) await importArchiveKeys(tx, archiveKeys)
    })
    await this.#tell(stored, self)
  }

  async #tell(stored: Uint8Array, { address }: SelfRecord): Promise<void> {
    const { store, clock, signal } = this.#work
    this.#tellStep({ step: 'approved', address })
    const { attempt } = this.#record
    if (attempt?.answered !== undefined) {
      const meeting = this.#meetings(attempt, this.#links.get(attempt.relay))[attempt.answered.way]
      const told = within(clock, TELL, (over) => leave(meeting, 'new', 2, stored, { signal: over }), {
        ...this.#options,
      })
      await told.catch(() => signal?.throwIfAborted())
    }
    await store.write(async (tx) => tx.delete('meta', KEY))
  }

  async #forget(): Promise<void> {
    const { attempt: _, ...record } = this.#record
    await this.#save(record)
  }

  #saveAttempt(change: Partial<LinkAttempt>): Promise<void> {
    const { attempt } = this.#record
    return attempt === undefined
      ? Promise.resolve()
      : this.#save({ ...this.#record, attempt: { ...attempt, ...change } })
  }

  async #save(record: NewLinkRecord): Promise<void> {
    await this.#work.store.write(async (tx) => tx.put('meta', { key: KEY, value: record }))
    this.#record = record
  }

  #tellStep(step: LinkStep): void {
    this.#work.onStep?.(step)
  }

  get #options(): Abortable {
    const { signal } = this.#work
    return signal === undefined ? {} : { signal }
  }
}

/** Throws `identity/bad-log` unless the log certifies exactly this device. */
const certificateIn = (log: IdentityLog, { deviceKey, introKey }: NewLinkRecord['keys']): Uint8Array => {
  const mine = log.devices.get(toHex(deviceKey))
  if (mine === undefined || mine.revokedAt !== undefined || !equalBytes(mine.introKey, introKey))
    throw new DchatError('identity/bad-log', { reason: 'it does not certify this device' })
  return mine.certificate
}
