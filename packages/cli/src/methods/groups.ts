import { type ChangeOptions, type ConversationId, parseRelayUrl } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { confirmed } from './confirmed.ts'
import { PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { ChangeView, CreatedView, GroupCalls, GroupView, HubsView, PeopleView } from './group-types.ts'
import { pictureOf } from './pictures.ts'
import { chatToChange, groupOf, peopleOf, personOf } from './resolve.ts'
import { caughtUp, synced } from './synced.ts'
import type { ChatView, InvitationView, Waiting } from './types.ts'
import { chatView, groupView, invitationView } from './views.ts'

type Params<K extends keyof GroupCalls> = GroupCalls[K]['params']

/** What each failure means for a change that is not kept for later. */
const CHANGED = {
  unreachable: 'Nothing was changed; try again when the relay can be reached.',
  unconfirmed: 'The change may still come to stand: look with "dchat group info" before you repeat it.',
}

/** The same for what is durable already. */
const KEPT = {
  unreachable: 'It is kept, and goes on when dchat runs again and the relay can be reached.',
  unconfirmed: 'It is kept, and goes on when dchat runs again.',
}

/** A change that resolves when it stands for everybody. */
export const change = <T>(
  engine: Engine,
  { timeout = WAIT, patience }: Waiting,
  signal: AbortSignal,
  work: (options: ChangeOptions) => Promise<T>,
): Promise<T> => confirmed(engine, { patience, hints: CHANGED }, signal, (until) => work({ timeout, signal: until }))

/** Resolves when the conversation is no longer being opened. Asking the people in is work that follows. */
const opened = async ({ client }: Engine, id: ConversationId, signal: AbortSignal): Promise<void> => {
  for await (const conversation of client.conversations.stream({ signal }))
    if (conversation.id === id && conversation.state !== 'opening') return
}

/** `work` until it is over or its time is: then `transport/unconfirmed`. */
const within = async (waited: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>) => {
  const late = AbortSignal.timeout(waited)
  try {
    await work(AbortSignal.any([signal, late]))
  } catch (error) {
    if (late.aborted && !signal.aborted) throw new DchatError('transport/unconfirmed', { waited }, { cause: error })
    throw error
  }
}

export const create = async (
  engine: Engine,
  params: Params<'group.create'>,
  signal: AbortSignal,
): Promise<CreatedView> => {
  const { client } = engine
  const { name, picture, timer, wait = 'open', timeout = WAIT, patience } = params
  const people = await peopleOf(client, params.people ?? [], signal)
  const { id } = await client.groups.create({
    name,
    people,
    signal,
    ...(picture === undefined ? {} : { picture: pictureOf(picture) }),
    ...(timer === undefined ? {} : { timer }),
  })
  if (wait === 'queued') return { chat: id, people, missing: [] }
  await confirmed(engine, { patience, hints: KEPT }, signal, (until) =>
    within(timeout, until, async (open) => {
      await opened(engine, id, open)
      await client.sync({ timeout, signal: open })
    }),
  )
  const { members } = await client.groups.info(id)
  const missing = people.filter((address) => !members.some((member) => member.address === address))
  return { chat: id, people, missing }
}

/** What is durable goes out now, if that is wanted. */
const sent = async (
  engine: Engine,
  { wait = 'sent', timeout = WAIT, patience }: Waiting & { readonly wait?: 'queued' | 'sent' },
  signal: AbortSignal,
): Promise<void> => {
  if (wait === 'queued') return
  await confirmed(engine, { patience, hints: KEPT }, signal, async (until) => {
    await engine.online.ready(patience ?? PATIENCE, until)
    await synced(engine, timeout, until)
  })
}

export const add = async (engine: Engine, params: Params<'group.add'>, signal: AbortSignal): Promise<PeopleView> => {
  const chat = await groupOf(engine, params.group, params, signal)
  const people = await peopleOf(engine.client, params.people, signal)
  await change(engine, params, signal, (options) => engine.client.groups.add(chat, people, options))
  // They are members; what tells them so goes out now instead of with the next command.
  await sent(engine, params, signal)
  return { chat, people }
}

export const removePeople = async (
  engine: Engine,
  params: Params<'group.remove'>,
  signal: AbortSignal,
): Promise<PeopleView> => {
  const chat = await groupOf(engine, params.group, params, signal)
  const people = await peopleOf(engine.client, params.people, signal)
  await change(engine, params, signal, (options) => engine.client.groups.remove(chat, people, options))
  return { chat, people }
}

export const leave = async (
  engine: Engine,
  params: Params<'group.leave'>,
  signal: AbortSignal,
): Promise<ChangeView> => {
  const chat = await groupOf(engine, params.group, params, signal)
  await engine.client.groups.leave(chat)
  await sent(engine, params, signal)
  return { chat }
}

export const rename = async (
  engine: Engine,
  params: Params<'group.rename'>,
  signal: AbortSignal,
): Promise<ChangeView> => {
  const chat = await groupOf(engine, params.group, params, signal)
  await change(engine, params, signal, (options) => engine.client.groups.rename(chat, params.name, options))
  return { chat }
}

export const setRole = async (
  engine: Engine,
  params: Params<'group.role'>,
  signal: AbortSignal,
): Promise<ChangeView & { readonly address: string }> => {
  const chat = await groupOf(engine, params.group, params, signal)
  const address = await personOf(engine.client, params.person, signal)
  await change(engine, params, signal, (options) => engine.client.groups.setRole(chat, address, params.role, options))
  return { chat, address }
}

export const setPicture = async (
  engine: Engine,
  params: Params<'group.picture'>,
  signal: AbortSignal,
): Promise<ChangeView> => {
  const chat = await groupOf(engine, params.group, params, signal)
  const picture = params.picture === undefined ? undefined : pictureOf(params.picture)
  await change(engine, params, signal, (options) => engine.client.groups.setPicture(chat, picture, options))
  return { chat }
}

export const setTimer = async (
  engine: Engine,
  params: Params<'group.timer'>,
  signal: AbortSignal,
): Promise<ChangeView> => {
  const chat = await chatToChange(engine, params.group, params, signal)
  const { seconds } = params
  await change(engine, params, signal, (options) => engine.client.conversations.setTimer(chat, seconds, options))
  return { chat }
}

export const hubs = async (engine: Engine, params: Params<'group.hubs'>, signal: AbortSignal): Promise<HubsView> => {
  const { conversations } = engine.client
  const { relays, move } = params
  const chat = await chatToChange(engine, params.group, params, signal)
  if (relays !== undefined)
    await change(engine, params, signal, (options) =>
      conversations.setHubs(
        chat,
        relays.map((url) => parseRelayUrl(url)),
        options,
      ),
    )
  if (move !== undefined)
    await change(engine, params, signal, (options) => conversations.moveTo(chat, parseRelayUrl(move), options))
  return { chat, ...(await conversations.hubs(chat)) }
}

export const liftApproval = async (
  engine: Engine,
  params: Params<'group.lift'>,
  signal: AbortSignal,
): Promise<ChangeView> => {
  const chat = await groupOf(engine, params.group, params, signal)
  await change(engine, params, signal, (options) => engine.client.groups.liftApproval(chat, options))
  return { chat }
}

export const info = async (engine: Engine, params: Params<'group.info'>, signal: AbortSignal): Promise<GroupView> => {
  const { client } = engine
  if (params.offline !== true) await caughtUp(engine, params, signal)
  const chat = await groupOf(engine, params.group, params, signal)
  return groupView(client.address, await client.groups.info(chat))
}

/** The group of an open invitation; one that is not known here yet may wait at the relays. */
const invitedTo = async (
  engine: Engine,
  { group, ...waiting }: Waiting & { readonly group: string },
  signal: AbortSignal,
): Promise<ConversationId> => {
  const isOpen = async (id: ConversationId): Promise<boolean> =>
    (await engine.client.conversations.get(id))?.state === 'invited'
  const chat = await groupOf(engine, group, waiting, signal)
  if (!(await isOpen(chat))) await caughtUp(engine, waiting, signal)
  return groupOf(engine, group, waiting, signal)
}

export const accept = async (
  engine: Engine,
  params: Params<'group.accept'>,
  signal: AbortSignal,
): Promise<ChatView> => {
  const chat = await invitedTo(engine, params, signal)
  const { record } = await change(engine, params, signal, (options) => engine.client.groups.accept(chat, options))
  return chatView(await record())
}

export const decline = async (
  engine: Engine,
  params: Params<'group.decline'>,
  signal: AbortSignal,
): Promise<ChangeView> => {
  const chat = await invitedTo(engine, params, signal)
  await engine.client.groups.decline(chat)
  await sent(engine, params, signal)
  return { chat }
}

export async function* invitations(
  engine: Engine,
  params: Waiting & { readonly offline?: boolean },
  signal: AbortSignal,
): AsyncGenerator<InvitationView> {
  if (params.offline !== true) await caughtUp(engine, params, signal)
  for (const invitation of await engine.client.groups.invitations()) yield invitationView(engine.client, invitation)
}
