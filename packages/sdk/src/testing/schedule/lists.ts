import type { ConversationId } from '../../records/ids.ts'
import type { SimDevice } from '../sim/types.ts'
import type { Stage } from './stage.ts'

const PAGE = 50

/**
 * What people see in the end, through the client's own pages: each list in ascending order without doubles, the same
 * messages in the same order at everybody who has them. Where what was said may be said again at another relay, its place is
 * where it stands last: those who were out by then do not know of that.
 */
export const checkLists = async (stage: Stage): Promise<readonly string[]> => {
  const problems: string[] = []
  const isMoving = stage.relays.length > 1
  for (const [label, chat] of stage.chats) {
    const lists = new Map<string, readonly string[]>()
    for (const device of stage.devices().filter(({ name }) => !stage.isHostile(name.split('/')[0] as string))) {
      const list = await stage.sim.finish(listOf(device, chat))
      if (new Set(list.ids).size !== list.ids.length) problems.push(`${device.name} lists a message of ${label} twice`)
      if (!list.isSorted) problems.push(`${device.name} lists ${label} out of order`)
      if (!isMoving || (await stage.sim.finish(isIn(device, chat)))) lists.set(device.name, list.ids)
    }
    problems.push(...differences(label, lists))
  }
  return problems
}

const isIn = async (device: SimDevice, chat: ConversationId): Promise<boolean> =>
  (await device.client.conversations.get(chat))?.state !== 'closed'

const listOf = async (
  device: SimDevice,
  chat: ConversationId,
): Promise<{ ids: readonly string[]; isSorted: boolean }> => {
  const ids: string[] = []
  let last = -1
  let isSorted = true
  let after: string | undefined = '0'
  while (after !== undefined) {
    const page = await device.client.messages.list(chat, { after, limit: PAGE })
    for (const { id, position } of page.items) {
      if (position === undefined) continue
      ids.push(id)
      isSorted &&= position > last
      last = position
    }
    after = page.next
  }
  return { ids, isSorted }
}

/** Two lists agree if what both hold stands in the same order. */
const differences = (label: string, lists: ReadonlyMap<string, readonly string[]>): readonly string[] => {
  const [first, ...others] = [...lists]
  if (first === undefined) return []
  const [name, list] = first
  return others.flatMap(([other, theirs]) => {
    const [known, here] = [new Set(theirs), new Set(list)]
    const [a, b] = [list.filter((id) => known.has(id)), theirs.filter((id) => here.has(id))]
    return a.join() === b.join() ? [] : [`${name} and ${other} list ${label} in different orders`]
  })
}
