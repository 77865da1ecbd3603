import { keepersOf } from '../domain/rooms/commit-key.ts'
import { personOf } from '../domain/rooms/permissions.ts'
import type { StoreReader, StoreWriter } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import { isName, isPicture, isTimer, NAME_LIMIT, PICTURE_LIMIT } from '../protocol/messages/snapshot.ts'
import { HUBS_LIMIT } from '../protocol/topic/hub.ts'
import { hashOf } from '../protocol/wire/cbor.ts'
import { type GroupInfo, type GroupMember, type Invitation, type Picture, ROLES, type Role } from '../records/group.ts'
import type { Address, ConversationId, RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import { toHex } from '../util/bytes.ts'
import { bounded, changeConversation, sessionOf } from './change-conversation.ts'
import type { ChangeOptions, Chat, Groups } from './client.ts'
import { checkClientId, madeWith, rememberMade } from './client-ids.ts'
import { getConversation, groupOf, putConversation } from './conversation-store.ts'
import type { ConversationsApi } from './conversations.ts'
import type { Core } from './core.ts'
import { putControlIntent } from './intents.ts'
import { putAnswer } from './invitations.ts'
import { putJob } from './jobs.ts'
import { isBlocked } from './people/consent.ts'
import { nameOf } from './people/names.ts'
import type { ConversationRecord, RoomRecord } from './records.ts'
import { addPeople } from './rooms/add-people.ts'
import { viewHubs } from './rooms/change-hubs.ts'
import { changeRoom, removePeople } from './rooms/change-room.ts'
import { liftCommitKey } from './rooms/commit-key.ts'
import type { Rooms } from './rooms/rooms.ts'
import { epochOf, type RoomSession } from './rooms/session.ts'
import { signLeave } from './rooms/sign-leave.ts'

/** ms between two looks at whether this device is in. */
const ENTERED = 20
const ALL = 100_000

export class GroupsWork implements Groups {
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #conversations: ConversationsApi

  constructor(core: Core, rooms: Rooms, conversations: ConversationsApi) {
    this.#core = core
    this.#rooms = rooms
    this.#conversations = conversations
  }

  async create(
    options: Abortable & {
      readonly name: string
      readonly people?: readonly Address[]
      readonly picture?: Picture
      readonly timer?: number
      readonly relays?: readonly RelayUrl[]
      readonly clientId?: string
    },
  ): Promise<Chat> {
    options.signal?.throwIfAborted()
    const { name, picture, timer = 0, relays, clientId } = options
    checkClientId(clientId)
    checkName(name)
    checkPicture(picture)
    if (!isTimer(timer)) throw invalid('timer', 'it is 0, or 5 seconds to a year')
    if (relays !== undefined && (relays.length < 1 || new Set(relays).size > HUBS_LIMIT))
      throw invalid('relays', `name 1 to ${HUBS_LIMIT} relays`)
    const { store, crypto, clock, self } = this.#core
    const room = toHex(crypto.random(32))
    const people = [...new Set(options.people ?? [])].filter((address) => address !== self.address)
    const fingerprint = hashOf('client-id', [
      'group',
      name,
      timer,
      pictureKey(picture),
      ...people,
      ...(relays === undefined ? [] : [[...relays]]),
    ])
    const id = await store.write(async (tx) => {
      const made = await madeWith(tx, clientId, fingerprint)
      if (made !== undefined) return made as ConversationId
      await checkPeople(tx, people)
      const record = await groupOf(tx, room, name, clock.now())
      const task = {
        kind: 'open-group',
        conversation: record.id,
        people,
        timer,
        ...(picture ? { picture } : {}),
        ...(relays ? { relays: [...new Set(relays)] } : {}),
      } as const
      await putJob(tx, `open/${record.id}`, task, clock.now())
      rememberMade(tx, clientId, record.id, fingerprint)
      return record.id
    })
    return this.#conversations.chat(id)
  }

  async add(id: ConversationId, people: readonly Address[], options: ChangeOptions = {}): Promise<void> {
    await this.#core.store.read((tx) => checkPeople(tx, people))
    await this.#change(id, options, (session) => addPeople(this.#core, session, [...new Set(people)]))
  }

  async remove(id: ConversationId, people: readonly Address[], options: ChangeOptions = {}): Promise<void> {
    await this.#change(id, options, (session) => removePeople(session, [...new Set(people)]))
  }

  async rename(id: ConversationId, name: string, options: ChangeOptions = {}): Promise<void> {
    checkName(name)
    await this.#change(id, options, (session) =>
      changeRoom(session, (now) => now.name === name, [{ kind: 'name', name }]),
    )
  }

  async setPicture(id: ConversationId, picture: Picture | undefined, options: ChangeOptions = {}): Promise<void> {
    checkPicture(picture)
    const wanted = pictureKey(picture)
    await this.#change(id, options, (session) =>
      changeRoom(session, (now) => pictureKey(now.picture) === wanted, [
        { kind: 'picture', ...(picture === undefined ? {} : { picture }) },
      ]),
    )
  }

  async setRole(id: ConversationId, address: Address, role: Role, options: ChangeOptions = {}): Promise<void> {
    if (!ROLES.includes(role)) throw invalid('role', `it is one of ${ROLES.join(', ')}`)
    await this.#change(id, options, (session) =>
      changeRoom(session, (now) => personOf(now, address)?.role === role, [{ kind: 'role', address, role }]),
    )
  }

  async liftApproval(id: ConversationId, options: ChangeOptions = {}): Promise<void> {
    await this.#change(id, options, liftCommitKey)
  }

  async leave(id: ConversationId): Promise<void> {
    const { store, self, clock } = this.#core
    if (await store.write((tx) => giveUp(tx, id))) return
    const session = await sessionOf(this.#core, this.#rooms, id)
    await session.lock.run(async () => {
      const { record, group } = session
      if (record.leaving || record.state === 'closed') return
      mustLeaveKeeper(session)
      const alone = group?.members.every(({ deviceKey }) => self.isOwnDevice(deviceKey)) ?? true
      const next: RoomRecord = alone ? { ...record, state: 'closed' } : { ...record, leaving: true }
      const signature = alone ? undefined : await signLeave(this.#core, session)
      await store.write(async (tx) => {
        if (signature !== undefined) await putControlIntent(tx, this.#core, record.id, { kind: 'leave', signature })
        else await putJob(tx, `archive/${record.id}`, { kind: 'archive', room: record.id }, clock.now())
        session.put(tx, { record: next })
      })
      session.settle({ record: next })
    })
    session.outgoing.open()
  }

  async info(id: ConversationId): Promise<GroupInfo> {
    const session = await sessionOf(this.#core, this.#rooms, id)
    const { record, group, control, snapshot } = session
    const { name, picture, timer, pins, commitKey } = snapshot
    const members: GroupMember[] = []
    for (const { address, role } of snapshot.people) {
      const called = await this.#core.store.read((tx) => nameOf(tx, address))
      const devices = group?.members.filter((member) => member.address === address).map(({ device }) => device) ?? []
      const joined = address === this.#core.self.address || control.heard.includes(address)
      members.push({
        address,
        role,
        devices,
        state: joined ? 'joined' : 'invited',
        ...(called === undefined ? {} : { name: called }),
      })
    }
    return {
      id,
      name,
      timer,
      pins,
      members: members.sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role)),
      role: personOf(snapshot, this.#core.self.address)?.role ?? 'member',
      epoch: epochOf(record),
      term: record.term,
      ...(picture === undefined ? {} : { picture }),
      ...(commitKey === undefined ? {} : { approval: commitKey.keepers }),
      ...viewHubs(session),
    }
  }

  async invitations(): Promise<readonly Invitation[]> {
    const rows = await this.#core.store.read((tx) =>
      tx.page<ConversationRecord>('conversations', { scope: 'all', limit: ALL, order: 'descending' }),
    )
    return rows.flatMap(({ value: { id, kind, name = '', invitation } }) =>
      invitation === undefined || kind === 'dm'
        ? []
        : [{ conversation: id, name, from: invitation.from, people: invitation.people, at: invitation.at }],
    )
  }

  async accept(id: ConversationId, options: ChangeOptions = {}): Promise<Chat> {
    await this.#answer(id, true)
    await bounded(this.#core, options, (signal) => this.#entered(id, signal))
    return this.#conversations.chat(id)
  }

  async decline(id: ConversationId): Promise<void> {
    await this.#answer(id, false)
  }

  /** The Welcomes that waited become work, and the own other devices are told. */
  async #answer(id: ConversationId, accepted: boolean): Promise<void> {
    const { store } = this.#core
    await store.write(async (tx) => {
      const record = await getConversation(tx, id)
      // Asked again, after a crash say: the answer was given, and what follows from it is on its way.
      if (record !== undefined && isAnswered(record, accepted)) return
      if (record?.invitation === undefined) throw new DchatError('conversation/unknown', { conversation: id })
      await putAnswer(tx, this.#core, record, accepted)
    })
  }

  /** Resolves when this device is in; what leads there is durable work that others do. */
  async #entered(id: ConversationId, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#core
    while (true) {
      const { record, room } = await store.read(async (tx) => {
        const record = await getConversation(tx, id)
        const room = record?.active === undefined ? undefined : await tx.get<RoomRecord>('rooms', record.active)
        return { record, room }
      })
      const session = room === undefined ? undefined : this.#rooms.get(room.id)
      // Read to the end: the invitation may have been taken back since.
      if (session?.isMember && session.caughtUp.isOpen && record?.answered === undefined) return
      const isOver = record?.answered === undefined && (room === undefined || room.state === 'closed')
      if (isOver) throw new DchatError('conversation/not-member', { conversation: id })
      await clock.sleep(ENTERED, { signal })
    }
  }

  #change(id: ConversationId, options: ChangeOptions, work: (session: RoomSession) => Promise<void>): Promise<void> {
    return changeConversation(this.#core, this.#rooms, id, options, work)
  }
}

/** Whoever leaves asks the others to take them out, and none of these could any more. */
const mustLeaveKeeper = ({ snapshot, group, core }: RoomSession): void => {
  const { commitKey } = snapshot
  if (commitKey === undefined || group === undefined) return
  const others = group.members.filter(({ address }) => address !== core.self.address)
  if (others.length === 0 || keepersOf(snapshot, others, commitKey.keepers).length > 0) return
  const reason = 'nobody else could approve changes; lift that first, or make somebody an admin or owner'
  throw new DchatError('conversation/not-permitted', { reason })
}

/** A group that never opened here, or that this device only asks to be let into, is just dropped; true if it was one. */
const giveUp = async (tx: StoreWriter, id: ConversationId): Promise<boolean> => {
  const record = await getConversation(tx, id)
  if (record?.kind !== 'group' || record.active === undefined) return false
  const isWaiting = record.invitation === undefined && record.answered === undefined
  if (!isWaiting || (await tx.get<RoomRecord>('rooms', record.active)) !== undefined) return false
  const { active, restoring: _, ...rest } = record
  tx.delete('jobs', `open/${id}`)
  tx.delete('jobs', `ask/${active}`)
  await putConversation(tx, rest)
  return true
}

const isAnswered = (
  { kind, invitation, answered, active, declined }: ConversationRecord,
  accepted: boolean,
): boolean => {
  if (kind !== 'group' || invitation !== undefined) return false
  return accepted ? answered !== 'declined' && active !== undefined : answered === 'declined' || declined === true
}

const invalid = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })

/** Who is blocked hears nothing, so they are not asked into groups either. */
const checkPeople = async (tx: StoreReader, people: readonly Address[]): Promise<void> => {
  for (const address of people) if (await isBlocked(tx, address)) throw invalid('people', 'you blocked one of them')
}

const checkName = (name: string): void => {
  if (name.trim() === '' || !isName(name))
    throw invalid('name', `it has 1 to ${NAME_LIMIT} bytes and no control characters`)
}

const checkPicture = (picture: Picture | undefined): void => {
  if (picture !== undefined && !isPicture(picture))
    throw invalid('picture', `it is a PNG, JPEG or WebP image of at most ${PICTURE_LIMIT} bytes`)
}

const pictureKey = (picture: Picture | undefined): string =>
  picture === undefined ? '' : `${picture.mediaType} ${toHex(picture.bytes)}`
