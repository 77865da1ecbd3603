import type { Client } from '../../client/client.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import { MARK } from '../invariants/secrecy.ts'
import type { SimDevice } from '../sim/types.ts'
import { makeOffer, stepOffer } from './perform-offers.ts'
import type { Stage } from './stage.ts'
import type { Deed, Step } from './step.ts'

const PAGE = 1_000

/** Lets a device do what a step says. False: it cannot, because something that the step needs is not there. */
export const performDeed = (stage: Stage, step: Step & Deed): boolean => {
  const device = stage.running(step.by)
  if (device === undefined) return false
  const call = (work: (client: Client) => Promise<unknown>): true => {
    stage.call(device, `#${step.id} ${step.do}`, work)
    return true
  }
  if (step.do === 'group') return call((client) => createGroup(stage, step, client))
  if (step.do === 'direct') {
    const peer = stage.people.get(step.to)?.identity.address
    return peer !== undefined && call(() => sendDirect(stage, device, peer, textOf(step)))
  }
  const chat = stage.chats.get(step.chat)
  if (chat === undefined) return false
  const people = 'people' in step ? addressesOf(stage, step.people) : []
  switch (step.do) {
    case 'send':
      return call((client) => sendMany(stage, device, client, chat, step))
    case 'read':
      return call((client) => client.conversations.markRead(chat))
    case 'rename':
      return call((client) => client.groups.rename(chat, `${MARK} ${step.name}`))
    case 'timer':
      stage.timed.add(chat)
      return call((client) => client.conversations.setTimer(chat, step.seconds))
    case 'add':
      return call((client) => client.groups.add(chat, people))
    case 'remove':
      return call((client) => client.groups.remove(chat, people))
    case 'role': {
      const [address] = addressesOf(stage, [step.person])
      return address !== undefined && call((client) => client.groups.setRole(chat, address, step.role))
    }
    case 'leave':
      return call((client) => client.groups.leave(chat))
    case 'accept':
      return call((client) => client.groups.accept(chat))
    case 'decline':
      return call((client) => client.groups.decline(chat))
    case 'move': {
      const relay = stage.relay(step.relay)
      return relay !== undefined && call((client) => client.conversations.moveTo(chat, relay.url))
    }
    case 'offer':
      return call((client) => makeOffer(stage, device, client, chat, step))
    case 'step':
      return call((client) => stepOffer(stage, device, client, chat, step))
    default:
      return call((client) => onMessage(stage, device, client, chat, step))
  }
}

/** What a step says: new words, known to be this step's. */
const textOf = ({ id, do: what, by }: Step & Deed, part = 0): string => `${MARK} ${what} ${id}.${part} by ${by}`

const addressesOf = (stage: Stage, names: readonly string[]): readonly Address[] =>
  names.flatMap((name) => stage.people.get(name)?.identity.address ?? [])

const createGroup = async (stage: Stage, step: Step & { do: 'group' }, client: Client): Promise<void> => {
  const people = addressesOf(stage, step.people)
  const { id } = await client.groups.create({ name: textOf(step), people })
  stage.chats.set(step.chat, id)
}

const sendDirect = async (stage: Stage, device: SimDevice, peer: Address, text: string): Promise<void> => {
  const chat = await device.client.conversations.dm(peer)
  const { id } = await chat.send(text)
  stage.promise(device, chat.id, id)
}

const sendMany = async (
  stage: Stage,
  device: SimDevice,
  client: Client,
  chat: ConversationId,
  step: Step & { do: 'send' },
): Promise<void> => {
  for (let part = 0; part < step.count; part++) {
    const { id } = await client.messages.send(chat, textOf(step, part))
    stage.promise(device, chat, id)
  }
}

type OnMessage = Extract<Deed, { readonly message: number }>

/** Acts on one of the messages that the device has: which one follows from the step's number and from what is there. */
const onMessage = async (
  stage: Stage,
  device: SimDevice,
  client: Client,
  chat: ConversationId,
  step: Step & OnMessage,
): Promise<void> => {
  const { messages } = client
  const { items } = await messages.list(chat, { limit: PAGE })
  const all = items.filter(({ content }) => content.type !== 'notice')
  const wanted = all.filter((message) => isFor(step, message))
  const message = wanted[step.message % wanted.length]
  if (message === undefined) return
  const { id } = message
  switch (step.do) {
    case 'reply': {
      const sent = await messages.send(chat, { type: 'text', text: textOf(step), replyTo: id })
      return stage.promise(device, chat, sent.id)
    }
    case 'forward': {
      const to = stage.chats.get(step.to)
      if (to === undefined) return
      const sent = await messages.forward(id, to)
      return stage.promise(device, to, sent.id)
    }
    case 'react':
      return void (await messages.react(id, step.emoji))
    case 'unreact':
      return void (await messages.unreact(id, step.emoji))
    case 'edit':
      return void (await messages.edit(id, textOf(step)))
    case 'delete':
      // What was never sent is just dropped: nothing was promised any more.
      stage.promised.get(device.name)?.delete(id)
      return void (await messages.delete(id))
    case 'pin':
      return messages.pin(id)
    case 'unpin':
      return messages.unpin(id)
  }
}

const isFor = (step: OnMessage, { own, pinned }: Message): boolean => {
  switch (step.do) {
    case 'edit':
      return own
    case 'delete':
      return own === step.own
    case 'unpin':
      return pinned === true
    default:
      return true
  }
}
