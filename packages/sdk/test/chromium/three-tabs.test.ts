import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { createRelay } from '../../../relay/src/index.ts'
import { type Address, type ConversationId, createClient, createIdentity } from '../../src/index.ts'
import { seededRandom } from '../../src/testing/sim/random.ts'
import type { Report } from './pages/tabs/tab.ts'
import { describeInChromium, openBrowser, openSite, temporaryFolder } from './support.ts'
import { ask, openPages, until } from './tabs-support.ts'

const SECONDS = Number(process.env.DCHAT_TABS_SECONDS ?? 12)
const SEED = Number(process.env.DCHAT_TABS_SEED ?? Date.now() % 1_000_000)
const STORE = 'tabs'
const TABS = 3

interface Life {
  readonly name: string
  readonly page: Page
  /** It was told to close: what it does until then may fail. */
  isEnding: boolean
  isOver: boolean
  isOnline: boolean
  readonly read: string[]
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const doubles = (texts: readonly string[]) => texts.filter((text, at) => texts.indexOf(text) !== at)

/** A person elsewhere, who sends numbered messages and keeps what the tabs send. */
const peerOf = async (relay: string) => {
  const client = await createClient({
    identity: createIdentity(),
    relays: [relay],
    store: ':memory:',
    strangers: 'allow',
  })
  await client.connect()
  const received: string[] = []
  const reading = async () => {
    for await (const { content } of client.messages.stream()) if (content.type === 'text') received.push(content.text)
  }
  void reading()
  const sent: string[] = []
  let writes = true
  const write = async (to: Address, ms: number) => {
    const chat = await client.conversations.dm(to)
    while (writes) {
      const text = `peer #${sent.length}`
      await chat.send(text)
      sent.push(text)
      await pause(ms)
    }
  }
  return { client, received, sent, write, rest: () => (writes = false) }
}

describeInChromium('three tabs of one identity', () => {
  test(
    `killed and reopened at random for ${SECONDS} s: nothing lost, nothing doubled, one owner at a time (seed ${SEED})`,
    async () => {
      const random = seededRandom(`${SEED}`)
      const chance = () => random.int(1_000_000) / 1_000_000
      await using relay = await createRelay()
      await using site = await openSite('tabs')
      await using profile = await temporaryFolder()
      const peer = await peerOf(relay.url)
      const browser = await openBrowser(profile.path)
      const lives: Life[] = []
      const faults: string[] = []
      const reader: { life: Life | undefined; starts: number; readonly read: string[] } = {
        life: undefined,
        starts: 0,
        read: [],
      }
      const sending = new Set<string>()
      const sent = new Set<string>()
      let owners = 0
      const alive = () => lives.filter(({ isOver }) => !isOver)

      const heard = (page: Page, _: string, report: Report) => {
        const life = lives.find((each) => each.page === page)
        if (life === undefined) return
        if (report.type === 'online') {
          const other = alive().find((each) => each.isOnline && each !== life)
          if (other !== undefined && !life.isOver) faults.push(`${life.name} and ${other.name} work at once`)
          life.isOnline = true
          owners += 1
        }
        if (report.type === 'offline') life.isOnline = false
        if (report.type === 'sending') sending.add(report.text)
        if (report.type === 'sent') sent.add(report.text)
        if (report.type === 'read') (report.stream === 'reader' ? reader.read : life.read).push(report.text)
        if (report.type === 'failed' && !life.isOver && !life.isEnding)
          faults.push(`${life.name}: ${report.what}: ${report.error}`)
      }
      const newPage = await openPages(browser, site.url, heard)

      let chat: ConversationId | undefined
      let created = 0
      const open = async () => {
        const page = await newPage()
        const life: Life = { name: `tab ${++created}`, page, isEnding: false, isOver: false, isOnline: false, read: [] }
        lives.push(life)
        page.on('crash', () => (life.isOver = true))
        if (lives.length === 1) {
          const { address } = await ask(page, 'create', STORE, relay.url)
          chat = await ask(page, 'dm', peer.client.address)
          // One side opens the conversation: two rooms that become one would each keep an order of their own.
          sending.add('hello')
          await ask(page, 'send', chat, 'hello')
          await until(
            () => peer.received.includes('hello'),
            () => 'the first message',
          )
          void peer.write(address, 40)
        } else await ask(page, 'open', STORE, true)
        await ask(page, 'read', life.name, true)
        await ask(page, 'write', chat as ConversationId, life.name, 40)
      }
      /** The one cursor that outlives the tabs is always read by one of them. */
      const letRead = async () => {
        if (reader.life !== undefined && !reader.life.isOver) return
        const life = alive()[0]
        if (life === undefined) return
        reader.life = life
        reader.starts += 1
        await ask(life.page, 'read', 'reader', false)
      }
      const end = async (life: Life) => {
        const how = chance()
        if (how < 0.25) {
          // It ends as a program should: the next one has the store when it is closed.
          life.isEnding = true
          await ask(life.page, 'close')
        }
        life.isOver = true
        if (how > 0.75) {
          const session = await browser.newCDPSession(life.page)
          // The answer never comes.
          session.send('Page.crash').catch(() => undefined)
          await until(
            () => life.page.isClosed() || life.isOver,
            () => 'the crash',
          )
          await pause(20)
        }
        await life.page.close({ runBeforeUnload: false }).catch(() => undefined)
      }

      try {
        for (let tab = 0; tab < TABS; tab++) await open()
        await letRead()
        for (const over = Date.now() + SECONDS * 1_000; Date.now() < over; ) {
          await pause(chance() * 600)
          const owner = alive().find(({ isOnline }) => isOnline)
          const victim = chance() < 0.6 && owner !== undefined ? owner : alive()[Math.floor(chance() * alive().length)]
          if (victim !== undefined) await end(victim).catch((error) => faults.push(`${victim.name}: ${error}`))
          // Now and then nobody is there for a while.
          while (alive().length < (chance() < 0.1 ? 1 : TABS)) await open()
          await letRead()
        }
        peer.rest()
        for (const { page } of alive()) await ask(page, 'rest')
        await pause(100)
        const missing = () => ({
          toPeer: [...sent].filter((text) => !peer.received.includes(text)),
          toReader: peer.sent.filter((text) => !reader.read.includes(text)),
          faults,
        })
        await until(() => missing().toPeer.length + missing().toReader.length === 0, missing)

        expect(faults).toEqual([])
        expect(created).toBeGreaterThan(TABS)
        expect(owners).toBeGreaterThan(1)
        // What tabs sent: each message once, and none that was never sent.
        expect(doubles(peer.received)).toEqual([])
        expect(peer.received.filter((text) => !sending.has(text))).toEqual([])
        // What tabs received: in order without a gap; only what was in hand when a tab ended came again to the next one.
        expect([...new Set(reader.read)]).toEqual(peer.sent)
        expect(doubles(reader.read).length).toBeLessThan(reader.starts)
        for (const { read } of lives) {
          const from = read.length === 0 ? 0 : peer.sent.indexOf(read[0] as string)
          expect(read).toEqual(peer.sent.slice(from, from + read.length))
        }
        const shown = await ask((alive()[0] as Life).page, 'list', chat as ConversationId)
        expect(doubles(shown)).toEqual([])
        process.stderr.write(
          `${created} tabs, ${owners} owners; ${peer.sent.length} messages in, ${sent.size} out (seed ${SEED})\n`,
        )
      } finally {
        peer.rest()
        await browser.close()
        await peer.client.close()
      }
    },
    (SECONDS + 150) * 1_000,
  )
})
