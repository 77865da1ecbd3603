import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { Asked } from '../../protocol/history/asked.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import type { Request } from '../../records/people.ts'
import { equalBytes } from '../../util/bytes.ts'
import { dmId, dmWith, getConversation, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import type { ConversationRecord } from '../records.ts'
import { isBlocked, isStranger } from './consent.ts'
import { roomOf } from './pointer.ts'
import { getProfile } from './profile-rows.ts'

/** Welcomes of one person that wait for one answer, and their bytes; the newest count. */
const POINTERS = 8
const BYTES = 48 * 1024
/** Requests of strangers that wait for an answer; beyond it the oldest go. */
const REQUESTS = 100
const KEY = 'requests'

/** meta/requests: conversations that were asked for, oldest first; what was answered since is passed over. */
interface Waiting {
  readonly ids: readonly ConversationId[]
  /** That some were dropped was told since the list was full. */
  readonly told: boolean
}

/** What is told once a request was stored. */
export interface Kept {
  readonly conversation: ConversationId
  /** Shown from now on; false: it was before, or it stays hidden. */
  readonly isNew: boolean
  /** Who asked longest ago, where that request had to go. */
  readonly dropped?: Address
  /** The first one that had to go since the list was full. */
  readonly tellDropped?: boolean
}

/** Adds a pointer to those that wait. */
export const withPointer = (pointers: readonly Uint8Array[], encoded: Uint8Array): readonly Uint8Array[] => {
  if (pointers.some((pointer) => equalBytes(pointer, encoded))) return pointers
  let kept = [...pointers, encoded].slice(-POINTERS)
  const size = () => kept.reduce((sum, { length }) => sum + length, 0)
  while (size() > BYTES) kept = kept.slice(1)
  return kept
}

/** The direct message that somebody asks for, as it waits. Who is blocked asks in vain, and is heard when they no longer are. */
export const keepDmRequest = async (
  tx: StoreWriter,
  core: Core,
  from: Address,
  encoded: Uint8Array,
): Promise<Kept | undefined> => {
  const { self, clock } = core
  const room = roomOf(encoded)
  const known = await getConversation(tx, dmId(self.address, from))
  const blocked = await isBlocked(tx, from)
  if (!blocked && (known?.active !== undefined || !(await isStranger(tx, core, from)))) return undefined
  // This device asked for it.
  if ((await tx.get('jobs', `ask/${room}`)) !== undefined) return undefined
  const before = known?.invitation?.pointers ?? []
  const pointers = withPointer(before, encoded)
  const isAgain = before.some((pointer) => roomOf(pointer) === room)
  const record = known ?? (await dmWith(tx, self.address, from, clock.now()))
  const { declined = false, ...rest } = record
  // What was denied is not asked again by another device's, or another relay's, Welcome to the same room.
  const hidden = record.active === undefined && (blocked || (declined && isAgain))
  const at = isAgain ? (record.invitation?.at ?? clock.now()) : clock.now()
  const isNew = !blocked && !hidden && (declined || before.length === 0)
  const invitation = { from, people: 2, at, pointers }
  await putConversation(tx, { ...rest, invitation, ...(hidden ? { declined: true } : {}) }, { moveUp: isNew })
  return { conversation: record.id, isNew, ...(isNew ? await noteRequest(tx, core, record.id) : {}) }
}

const readWaiting = async (tx: StoreReader): Promise<Waiting> =>
  (await tx.get<Waiting>('meta', KEY)) ?? { ids: [], told: false }

/** Puts a conversation into the list of what waits for an answer, and drops strangers' oldest beyond the bound. */
export const noteRequest = async (
  tx: StoreWriter,
  core: Core,
  id: ConversationId,
): Promise<Pick<Kept, 'dropped' | 'tellDropped'>> => {
  const waiting = await readWaiting(tx)
  const ids = [...waiting.ids.filter((other) => other !== id), id]
  const open = ids.length > REQUESTS ? await openOnes(tx, ids) : undefined
  const oldest = open && open.length > REQUESTS ? await firstOfStranger(tx, core, open) : undefined
  if (oldest !== undefined) await dropRequest(tx, oldest)
  const left = open?.filter((record) => record !== oldest).map((record) => record.id) ?? ids
  const told = oldest !== undefined || (waiting.told && left.length >= REQUESTS)
  tx.put('meta', { key: KEY, value: { ids: left, told } satisfies Waiting })
  if (oldest?.invitation === undefined) return {}
  return { dropped: oldest.invitation.from, tellDropped: !waiting.told }
}

/** Those that are shown and not answered. */
const openOnes = async (tx: StoreReader, ids: readonly ConversationId[]): Promise<ConversationRecord[]> => {
  const open: ConversationRecord[] = []
  for (const id of ids) {
    const record = await getConversation(tx, id)
    if (record?.invitation !== undefined && !record.declined) open.push(record)
  }
  return open
}

const firstOfStranger = async (
  tx: StoreReader,
  core: Core,
  records: readonly ConversationRecord[],
): Promise<ConversationRecord | undefined> => {
  for (const record of records)
    if (record.invitation !== undefined && (await isStranger(tx, core, record.invitation.from))) return record
  return undefined
}

/** Takes a request away; of a conversation that has a past, that stays. */
const dropRequest = async (tx: StoreWriter, { invitation: _, ...record }: ConversationRecord): Promise<void> => {
  if (record.rooms.length === 0) tx.delete('conversations', record.id)
  else await putConversation(tx, record)
}

/** Welcomes that wait to be answered, the newest conversations first. */
export const waitingPointers = async (tx: StoreReader): Promise<readonly Asked[]> =>
  (await openOnes(tx, (await readWaiting(tx)).ids))
    .reverse()
    .flatMap(({ invitation }) => invitation?.pointers.map((pointer) => ({ from: invitation.from, pointer })) ?? [])

/** Strangers who wait for an answer, newest first. */
export const listRequests = async (tx: StoreReader, core: Core): Promise<readonly Request[]> => {
  const requests: Request[] = []
  for (const { id, kind, name, invitation } of await openOnes(tx, (await readWaiting(tx)).ids)) {
    if (invitation === undefined) continue
    // What was asked before everybody was let in is still open.
    if (kind === 'group' && !(await isStranger(tx, core, invitation.from))) continue
    const { from, people, at } = invitation
    const group = kind === 'group' ? { people, ...(name === undefined ? {} : { name }) } : {}
    const profile = await getProfile(tx, from)
    requests.unshift({ conversation: id, kind, from, at, ...group, ...(profile === undefined ? {} : { profile }) })
  }
  return requests
}

/** Without a word: a direct message is kept unseen, in case that its person is written to; groups are forgotten. */
export const hideRequests = async (tx: StoreWriter, { self }: Pick<Core, 'self'>, address: Address): Promise<void> => {
  const dm = await getConversation(tx, dmId(self.address, address))
  if (dm?.invitation !== undefined && dm.active === undefined) await putConversation(tx, { ...dm, declined: true })
  for (const record of await openOnes(tx, (await readWaiting(tx)).ids))
    if (record.kind === 'group' && record.invitation?.from === address) await dropRequest(tx, record)
}
