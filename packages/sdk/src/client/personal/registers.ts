import type { ListingAsk, ListingDeals, ListingLease } from '../../domain/offers/lease.ts'
import { type ReadPosition, viewOf, writeRegister } from '../../domain/personal/merge.ts'
import { nextTag, type Register } from '../../domain/personal/register.ts'
import { compareValues } from '../../domain/personal/versions.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { Picture } from '../../records/group.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Consent } from '../../records/people.ts'
import type { Draft, NotifyRule, Settings } from '../../records/personal.ts'
import { leftOf } from '../../util/time.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import type { JobRecord } from '../records.ts'

/** What own devices share, by kind; the subject is an address, a conversation, a device, a setting's name or a listing. */
export interface RegisterValues {
  contact: { readonly relays: readonly RelayUrl[]; readonly addedAt: number }
  nickname: string
  consent: Exclude<Consent, 'unknown'>
  /** The keys that were compared (identity.md). */
  verified: { readonly fingerprint: Uint8Array; readonly at: number }
  setting: Settings[keyof Settings]
  draft: Draft
  /** Place among the pinned: the smaller, the higher. */
  pin: number
  archived: true
  notify: NotifyRule
  /** The furthest place read on any device. */
  read: ReadPosition
  'device-name': string
  /** Subject 'self'. */
  profile: {
    readonly version: number
    readonly name?: string
    readonly about?: string
    readonly picture?: Picture
  }
  /** Subject listing/part. */
  'listing-deals': ListingDeals
  listing: ListingLease
  'listing-ask': ListingAsk
}
export type RegisterKind = keyof RegisterValues

const KINDS: Readonly<Record<RegisterKind, true>> = {
  contact: true,
  nickname: true,
  consent: true,
  verified: true,
  setting: true,
  draft: true,
  pin: true,
  archived: true,
  notify: true,
  read: true,
  'device-name': true,
  profile: true,
  // What was sold goes before the word that a listing changed hands.
  'listing-deals': true,
  listing: true,
  'listing-ask': true,
}
/** Kinds of later versions stand together. */
const OTHER = '>other'
const scopeOf = (kind: string): string => (Object.hasOwn(KINDS, kind) ? kind : OTHER)

/** A row of table `personal`: key kind/subject, scope kind, position: the count of the last write here. */
export interface RegisterRecord {
  readonly kind: string
  readonly subject: string
  readonly register: Register<unknown>
}

/** What other own devices have to be told; a row for each register, by the count of its last write. */
export const OUT = '>out'
/** meta: the self-conversation that this device follows. */
export const SELF_ROOM = 'self-room'
/** meta: the greatest time of a tag that this device gave or saw. */
export const SEEN = 'personal'
/** ms within which changes are put together. */
const COALESCE = 500
const LIMIT = 100_000

export const registerKey = (kind: string, subject: string): string => `${kind}/${subject}`

export const getRegister = async <K extends RegisterKind>(
  tx: StoreReader,
  kind: K,
  subject: string,
): Promise<RegisterValues[K] | undefined> => {
  const known = await tx.get<RegisterRecord>('personal', registerKey(kind, subject))
  return known === undefined ? undefined : (viewOf(kind, known.register) as RegisterValues[K] | undefined)
}

/** All of a kind, in the order in which they were written here; without those that were taken back. */
export const listRegisters = async <K extends RegisterKind>(
  tx: StoreReader,
  kind: K,
): Promise<readonly { readonly subject: string; readonly value: RegisterValues[K] }[]> => {
  const rows = await tx.page<RegisterRecord>('personal', { scope: kind, limit: LIMIT })
  return rows.flatMap(({ value: { subject, register } }) => {
    const value = viewOf(kind, register) as RegisterValues[K] | undefined
    return value === undefined ? [] : [{ subject, value }]
  })
}

/** Writes a register here, in the caller's transaction, and lets the other own devices know. */
export const setRegister = async <K extends RegisterKind>(
  tx: StoreWriter,
  { clock, self }: Pick<Core, 'clock' | 'self'>,
  kind: K,
  subject: string,
  value: RegisterValues[K] | undefined,
): Promise<void> => {
  const before = await tx.get<RegisterRecord>('personal', registerKey(kind, subject))
  if (before === undefined ? value === undefined : compareValues(viewOf(kind, before.register), value) === 0) return
  const seen = (await tx.get<number>('meta', SEEN)) ?? 0
  const tag = nextTag(clock.now(), self.device, seen)
  tx.put('meta', { key: SEEN, value: tag.time })
  const register = writeRegister(kind, before?.register, tag, value)
  const position = await putRegister(tx, { kind, subject, register })
  if ((await tx.get('meta', SELF_ROOM)) === undefined) return
  tx.put('personal', { key: registerKey(OUT, position.key), scope: OUT, position: position.count, value: position.key })
  await planSharing(tx, clock.now())
}

/** Every register, those that were taken back included. */
export const allRegisters = async (tx: StoreReader): Promise<readonly RegisterRecord[]> => {
  const all: RegisterRecord[] = []
  for (const scope of [...Object.keys(KINDS), OTHER])
    for (const { value } of await tx.page<RegisterRecord>('personal', { scope, limit: LIMIT })) all.push(value)
  return all
}

/** Stores a register as it is. */
export const putRegister = async (
  tx: StoreWriter,
  record: RegisterRecord,
): Promise<{ readonly key: string; readonly count: number }> => {
  const count = ((await tx.get<number>('meta', 'personal-rows')) ?? 0) + 1
  tx.put('meta', { key: 'personal-rows', value: count })
  const key = registerKey(record.kind, record.subject)
  tx.put('personal', { key, scope: scopeOf(record.kind), position: count, value: record })
  return { key, count }
}

/** Sends what changed in a moment; what changes until then goes with it. */
const planSharing = async (tx: StoreWriter, now: number): Promise<void> => {
  const planned = await tx.get<JobRecord>('jobs', 'share')
  const left = planned === undefined ? 0 : leftOf(planned, now)
  await putJob(tx, 'share', { kind: 'share' }, now, left === 0 ? COALESCE : left)
}

/** What waits for its moment goes now. */
export const hurrySharing = ({ store, clock }: Pick<Core, 'store' | 'clock'>): Promise<void> =>
  store.write(async (tx) => {
    if ((await tx.get('jobs', 'share')) !== undefined) await putJob(tx, 'share', { kind: 'share' }, clock.now())
  })
