import type { Address, ConversationId, MessageId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import type { SimDevice, SimPerson } from '../sim/types.ts'
import type { Stage } from './stage.ts'

const PAGE = 50

/** What a device lists, in its order. */
interface List {
  readonly device: string
  readonly owner: Address
  readonly places: ReadonlyMap<MessageId, number>
  readonly authors: ReadonlyMap<MessageId, Address>
  /** Where somebody who had been out came back, by their address. */
  readonly returns: ReadonlyMap<Address, number>
  /** Where somebody went last, though they may have come back. */
  readonly ends: ReadonlyMap<Address, number>
}

/**
 * What people see in the end, through the client's own pages: each list in ascending order without doubles, the same
 * messages in the same order at everybody who has them. Where what was said may be said again at another relay, its place is
 * where it stands last: those who were out by then do not know of that, and keep it where they read it; so do those who came only
 * when its author was out. What was said by somebody who never comes back, and is said again by nobody, stands where each read it.
 */
export const checkLists = async (stage: Stage): Promise<readonly string[]> => {
  const problems: string[] = []
  const isMoving = stage.relays.length > 1
  for (const [label, chat] of stage.chats) {
    const lists: List[] = []
    for (const [name, person] of stage.people) {
      if (stage.isHostile(name)) continue
      for (const device of person.devices) {
        if (stage.vanished.has(device.name)) continue
        const messages = await stage.sim.finish(placedAt(device, chat))
        const list = listOf(device, person, messages)
        if (list.places.size !== messages.length) problems.push(`${device.name} lists a message of ${label} twice`)
        if (!isAscending(messages)) problems.push(`${device.name} lists ${label} out of order`)
        if (!isMoving || (await stage.sim.finish(isIn(device, chat)))) lists.push(list)
      }
    }
    problems.push(...differences(label, lists, silentIn(stage)))
  }
  return problems
}

/** Somebody who was asked in again and has not answered reads nothing yet. */
const isIn = async (device: SimDevice, chat: ConversationId): Promise<boolean> => {
  const state = (await device.client.conversations.get(chat))?.state
  return state !== 'closed' && state !== 'invited'
}

type Placed = Message & { readonly position: number }

const placedAt = async ({ client }: SimDevice, chat: ConversationId): Promise<readonly Placed[]> => {
  const found: Placed[] = []
  let after: string | undefined = '0'
  while (after !== undefined) {
    const page = await client.messages.list(chat, { after, limit: PAGE })
    found.push(...page.items.filter((message): message is Placed => message.position !== undefined))
    after = page.next
  }
  return found
}

const isAscending = (messages: readonly Placed[]): boolean =>
  messages.every(({ position }, at) => position > (messages[at - 1]?.position ?? -1))

const listOf = ({ name }: SimDevice, { identity }: SimPerson, messages: readonly Placed[]): List => {
  const out = new Map<Address, number>()
  const returns = new Map<Address, number>()
  const ends = new Map<Address, number>()
  for (const { content, position } of messages) {
    if (content.type !== 'notice') continue
    const { notice } = content
    const gone = notice.kind === 'left' ? [notice.by] : notice.kind === 'removed' ? notice.people : []
    for (const address of gone) {
      out.set(address, position)
      ends.set(address, position)
    }
    if (notice.kind === 'added')
      for (const address of notice.people) if (out.delete(address)) returns.set(address, position)
  }
  return {
    device: name,
    owner: identity.address,
    places: new Map(messages.map(({ id, position }) => [id, position])),
    authors: new Map(messages.map(({ id, from }) => [id, from])),
    returns,
    ends,
  }
}

/** It was said again while the owner of the other list was out. */
const saidWhileOut = (id: MessageId, here: List, there: List): boolean => {
  const place = here.places.get(id) ?? 0
  return place !== there.places.get(id) && place < (here.returns.get(there.owner) ?? 0)
}

/** It was said again, and its author taken out, before the owner of the other list came. */
const saidBefore = (id: MessageId, here: List, there: List): boolean => {
  const place = here.places.get(id) ?? 0
  const author = here.authors.get(id)
  const end = author === undefined ? undefined : here.ends.get(author)
  return end !== undefined && place < end && place > (there.places.get(id) ?? 0)
}

/** Those who say nothing again: all of their devices are gone for good. */
const silentIn = ({ people, vanished }: Stage): ReadonlySet<Address> =>
  new Set(
    [...people.values()].flatMap(({ identity, devices }) =>
      devices.every(({ name }) => vanished.has(name)) ? [identity.address] : [],
    ),
  )

/** Two lists agree if what both hold stands in the same order. */
const differences = (
  label: string,
  [first, ...others]: readonly List[],
  silent: ReadonlySet<Address>,
): readonly string[] => {
  if (first === undefined) return []
  const isLeft = (id: MessageId, { authors }: List) => silent.has(authors.get(id) as Address)
  return others.flatMap((other) => {
    const isElsewhere = (id: MessageId, one: List, two: List) =>
      isLeft(id, one) || saidWhileOut(id, one, two) || saidBefore(id, one, two)
    const common = (one: List, two: List) =>
      [...one.places.keys()].filter(
        (id) => two.places.has(id) && !isElsewhere(id, one, two) && !isElsewhere(id, two, one),
      )
    return common(first, other).join() === common(other, first).join()
      ? []
      : [`${first.device} and ${other.device} list ${label} in different orders`]
  })
}
