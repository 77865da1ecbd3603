import { expect, test } from 'vitest'
import type { Client, ConversationId } from '../../../src/index.ts'
import { kept } from '../history-support.ts'
import { isOpen, waitingDevice } from '../link-support.ts'
import { person, reopen, testRelay } from '../support.ts'

/** `npm run soak -- --only past` takes 10,000. */
const COUNT = Number(process.env.DCHAT_PAST_MESSAGES ?? 1_000)
const PAGE = 500
/** ms in which a new device has all of it: far more than it takes. */
const WITHIN = 30_000
/** ms: writing so many, and everybody's turns to let a device in. */
const PATIENCE = 180_000 + COUNT * 20

/** The texts that a device shows, newest first. */
const shown = async (client: Client, chat: ConversationId): Promise<readonly string[]> => {
  const texts: string[] = []
  let before: string | undefined
  do {
    const page = await client.messages.list(chat, { limit: PAGE, ...(before !== undefined && { before }) })
    for (const { content } of page.items) if (content.type === 'text') texts.push(content.text)
    before = page.next
  } while (before !== undefined)
  return texts
}

/** Takes the past, and looks at it while it comes; resolves with how much was there at each look. */
const taken = async (client: Client, chat: ConversationId, wanted: readonly string[]): Promise<readonly number[]> => {
  const looks: number[] = []
  for await (const { state, messages } of client.history.stream({ signal: AbortSignal.timeout(WITHIN) })) {
    const isOver = state === 'done'
    // A look at all of it, whenever there is twice as much as at the last one.
    if (!isOver && messages < 2 * (looks.at(-1) ?? 1)) continue
    const now = await shown(client, chat)
    expect(now).toEqual(wanted.slice(0, now.length))
    looks.push(now.length)
    if (isOver) return looks
  }
  throw new Error('the stream ended')
}

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + PATIENCE / 2
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('it does not happen')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

test(
  `a device that is linked, and then alone, has ${COUNT} messages newest first, and everything afterwards`,
  async () => {
    await using relay = await testRelay()
    const alice = await person(relay)
    const bob = await person(relay)
    await using a = alice.client
    await Promise.all([a.connect(), bob.client.connect()])
    await bob.client.settings.set({ archiveBodies: true })
    const { id: chat } = await a.conversations.dm(bob.client.address)
    const say = (text: string) => a.messages.send(chat, text)
    const sayNow = (text: string) => a.messages.send(chat, text, { wait: 'sent', timeout: PATIENCE })
    for (let n = 1; n < COUNT; n++) await say(`${n}`)
    await sayNow(`${COUNT}`)
    await until(async () => (await shown(bob.client, chat)).length === COUNT)
    await kept(bob.client, COUNT)
    const wanted = Array.from({ length: COUNT }, (_, n) => `${COUNT - n}`)

    const { linked, shown: code } = await waitingDevice(relay)
    await (await bob.client.devices.link((await code).qr)).approve()
    await bob.client.close()
    await using second = await linked
    const looks = taken(second, chat, wanted)
    await second.connect()
    // Some of it could be read before the rest was there.
    expect((await looks)[0]).toBeLessThan(COUNT)
    expect((await looks).at(-1)).toBe(COUNT)

    // The device is let in at a contact's turn. What is said before that is none of its own keys' matter.
    await sayNow('meanwhile')
    await isOpen(second)
    await sayNow('afterwards')
    await until(async () => (await shown(second, chat))[0] === 'afterwards')
    await second.messages.send(chat, 'from the new one', { wait: 'sent', timeout: PATIENCE })
    await using first = await reopen(bob)
    await first.connect()
    const all = ['from the new one', 'afterwards', 'meanwhile', ...wanted]
    for (const client of [a, first, second]) await until(async () => (await shown(client, chat)).length === all.length)
    for (const client of [a, first, second]) expect(await shown(client, chat)).toEqual(all)
  },
  PATIENCE,
)
