import { AxeBuilder } from '@axe-core/playwright'
import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import { type BotManifest, createClient, createIdentity, type InlineResult } from '@dchat/sdk'
import type { Locator, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressOf, composer, describeApp, message, openApp, soon, write, writeTo } from './support.ts'

const MANIFEST: BotManifest = {
  read: ['commands', 'mentions'],
  send: true,
  react: false,
  files: false,
  members: false,
  history: 'none',
  inline: true,
  about: 'Finds songs.',
  commands: [
    { name: 'play', description: 'Plays a song', args: [{ name: 'song', type: 'rest' }] },
    { name: 'quiet', description: 'Stops what plays' },
  ],
}

const SONGS: readonly InlineResult[] = [
  { id: '1', title: 'Blue Monday', description: 'New Order, 1983', text: 'Listening to Blue Monday' },
  {
    id: '2',
    title: 'Kind of Blue',
    description: 'Miles Davis, 1959',
    text: 'Listening to *Kind of Blue*',
    format: 'markdown',
  },
  // Ids are the bot's own: two may be the same.
  { id: '2', title: 'Blue in Green', text: 'Listening to Blue in Green' },
]

/** What it says to what. */
const ANSWERS: Readonly<Record<string, string>> = { hello: 'Ask me for a song.', '/quiet': 'Quiet it is.' }

/** A bot that finds songs for what somebody types. It does not answer "silence". */
const musicBot = async (relay: string) => {
  const client = await createClient({ identity: createIdentity(), relays: [relay], strangers: 'allow' })
  await client.profiles.set({ name: 'Music' })
  await client.connect()
  await client.bots.publish(MANIFEST)
  const over = new AbortController()
  const asked: string[] = []
  const heard: string[] = []
  const running = (async () => {
    for await (const arrival of client.messages.arrivals({ name: 'bot', signal: over.signal })) {
      if (arrival.type === 'message' && arrival.message.content.type === 'text') {
        heard.push(arrival.message.content.text)
        const answer = ANSWERS[arrival.message.content.text]
        if (answer !== undefined)
          await client.messages.send(arrival.message.conversation, { type: 'text', text: answer })
      }
      if (arrival.type !== 'query') continue
      asked.push(arrival.text)
      const words = arrival.text.toLowerCase()
      const results = SONGS.filter(({ title }) => title.toLowerCase().includes(words))
      if (words !== 'silence') await client.inline.answer(arrival.query, { results, cacheSeconds: 3_600 })
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error
  })
  const close = async (): Promise<void> => {
    over.abort()
    await running
    await client.close()
  }
  return { client, asked, heard, close }
}

describeApp('bots', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let ann: Page
  let bob: Page
  let music: Awaited<ReturnType<typeof musicBot>>

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    ;[ann, bob, music] = await Promise.all([
      app.person('Ann'),
      app.person('Bob', { colorScheme: 'dark' }),
      musicBot(relay.url),
    ])
    await writeTo(ann, music.client.address)
    await write(ann, 'hello')
    await message(ann, 'Ask me for a song.').waitFor()
    await writeTo(ann, await addressOf(bob))
    await ann.getByText('No messages yet.', { exact: true }).waitFor()
    await write(ann, 'Which song was it?')
    await bob.getByRole('list', { name: 'Waiting for your answer' }).getByRole('button', { name: 'Allow' }).click()
    await message(bob, 'Which song was it?').waitFor()
    await write(bob, 'Blue, I think.')
    await message(ann, 'Blue, I think.').waitFor()
  })
  afterAll(async () => {
    await music.close()
    await app.close()
    await relay.close()
  })

  const results = (page: Page) => page.getByRole('region', { name: 'Results from Music' })

  /** What it found; on a machine that is so slow that it did not answer in time it is asked again. */
  const foundBy = async (page: Page) => {
    const [song, again] = ['Blue Monday', 'Try again'].map((name) => page.getByRole('option', { name })) as [
      Locator,
      Locator,
    ]
    await song.or(again).waitFor()
    while ((await song.count()) === 0) {
      await again.click()
      await song.or(again).waitFor()
    }
    return song
  }

  /** What axe says against the page; nothing. */
  const faults = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
  }

  test('one is asked while somebody types, and what is picked with the keyboard is sent', async () => {
    await composer(ann).fill('@Music ')
    await results(ann).getByText('Type what Music should look for.').waitFor()
    await composer(ann).fill('@Music blue')
    await foundBy(ann)
    expect(await ann.getByRole('option').count()).toBe(3)
    expect(await faults(ann)).toEqual([])
    // Nothing is chosen before somebody chooses: what is written may be meant for people.
    expect(await composer(ann).getAttribute('aria-activedescendant')).toBeNull()
    await ann.keyboard.press('ArrowDown')
    await ann.keyboard.press('ArrowDown')
    await results(ann).getByText('Sends “Listening to Kind of Blue”').waitFor()
    const active = await composer(ann).getAttribute('aria-activedescendant')
    expect(await ann.locator(`[id="${active}"]`).getAttribute('aria-selected')).toBe('true')
    await ann.keyboard.press('Enter')
    await message(bob, 'Kind of Blue').locator('em').waitFor()
    expect(await composer(ann).inputValue()).toBe('')
    // The bot was told the words, and not where they were typed.
    expect(new Set(music.asked)).toEqual(new Set(['blue']))
    expect(music.heard).toEqual(['hello'])
  })

  test('what was found is known for as long as the bot said', async () => {
    const before = music.asked.length
    await composer(ann).fill('@music blue')
    await ann.getByRole('option', { name: 'Blue in Green' }).click()
    await message(bob, 'Blue in Green').waitFor()
    expect(music.asked).toHaveLength(before)
  })

  test('nothing found, no answer and no connection are told, and results can be put away', async () => {
    await composer(ann).fill('@Music zither')
    await results(ann).getByText('Music found nothing for “zither”.').waitFor()
    await ann.keyboard.press('Escape')
    await results(ann).waitFor({ state: 'detached' })
    await ann.keyboard.press('Enter')
    await message(bob, '@Music zither').waitFor()

    await composer(ann).fill('@Music silence')
    await results(ann).getByText('Asking Music…').waitFor()
    await results(ann).getByText('Music does not answer.').waitFor()
    expect(await faults(ann)).toEqual([])
    await ann.getByRole('option', { name: 'Try again' }).click()
    await soon(() => music.asked.filter((words) => words === 'silence').length).toBeGreaterThan(1)

    await relay.stop()
    await ann.getByText('Messages go out when the connection is back.').waitFor()
    await composer(ann).fill('@Music monday')
    await results(ann).getByText('You are offline.', { exact: false }).waitFor()
    await relay.start()
    await ann.getByText('Messages go out when the connection is back.').waitFor({ state: 'detached' })
    await soon(() => music.client.links.list().every(({ state }) => state.state === 'ready')).toBe(true)
    await foundBy(ann)
    await composer(ann).fill('')
  })

  test('what it can be asked stands behind a slash, and how while it is typed', async () => {
    await ann
      .getByRole('list', { name: 'Conversations' })
      .getByRole('button', { name: /^Music/ })
      .click()
    await ann.getByRole('log', { name: 'Messages with Music' }).waitFor()
    await composer(ann).focus()
    await ann.keyboard.type('/')
    await ann.getByRole('option', { name: '/play <song> Plays a song' }).waitFor()
    await ann.keyboard.type('pl')
    await ann.keyboard.press('Enter')
    expect(await composer(ann).inputValue()).toBe('/play ')
    await ann.getByText('Plays a song').waitFor()
    expect(await faults(ann)).toEqual([])
    await ann.keyboard.type('Blue Monday')
    await ann.keyboard.press('Enter')
    await soon(() => music.heard).toContain('/play Blue Monday')
  })

  test('one comes into a group when an admin has seen what it reads, and everybody is told', async () => {
    await ann.getByRole('button', { name: 'New conversation' }).click()
    await ann.getByRole('menuitem', { name: 'New group' }).click()
    const dialog = ann.getByRole('dialog', { name: 'New group' })
    await dialog.getByLabel('Name of the group').fill('Band')
    await dialog.getByRole('button', { name: 'Bob' }).click()
    await dialog.getByRole('button', { name: 'Make the group' }).click()
    await ann.getByRole('log').getByText('You added Bob').waitFor()
    await bob.getByRole('button', { name: 'Join' }).click()
    await bob.getByRole('log', { name: 'Messages with Band' }).waitFor()

    await ann.getByRole('button', { name: 'Details', exact: true }).click()
    const details = ann.getByRole('complementary', { name: 'Details' })
    await details.getByRole('button', { name: 'Add a bot' }).click()
    await ann.getByLabel('Address or invite link of the bot').fill(music.client.address)
    await ann.getByRole('button', { name: 'Look it up' }).click()
    const sheet = ann.getByRole('dialog', { name: 'Add Music?' })
    await sheet.getByText('Commands and messages that mention it').waitFor()
    expect(await faults(ann)).toEqual([])
    await sheet.getByRole('button', { name: 'Add Music' }).click()
    await sheet.waitFor({ state: 'detached' })
    await details.getByText('Reads commands and messages that mention it').waitFor()
    for (const page of [ann, bob])
      await page.getByText(/added the bot .+: it reads commands and messages that mention it/).waitFor()
    expect(await faults(ann)).toEqual([])
    await ann.getByRole('button', { name: 'Close details' }).click()
  })

  test('it is told what is said to it, and what it says stands in the group', async () => {
    await write(ann, 'for people alone')
    await message(bob, 'for people alone').waitFor()
    await write(ann, '/quiet')
    await message(bob, 'Quiet it is.').getByText('Bot', { exact: true }).waitFor()
    await message(ann, 'Quiet it is.').waitFor()
    expect(music.heard).toEqual(['hello', '/play Blue Monday', '/quiet'])
  })

  test('who has not written with it asks it when they say so', async () => {
    await bob.setViewportSize({ width: 390, height: 844 })
    await composer(bob).fill('@Music blue')
    await results(bob).getByText('You have not talked with Music yet.', { exact: false }).waitFor()
    expect(await faults(bob)).toEqual([])
    await bob.keyboard.press('ArrowDown')
    await bob.keyboard.press('Enter')
    const song = await foundBy(bob)
    await bob.keyboard.press('ArrowDown')
    expect(await faults(bob)).toEqual([])
    await song.click()
    await message(ann, 'Listening to Blue Monday').waitFor()
    await bob.setViewportSize({ width: 1280, height: 800 })
  })

  test('what it reads is looked at again, and it is taken out', async () => {
    await bob.getByRole('button', { name: 'Details', exact: true }).click()
    const seen = bob.getByRole('complementary', { name: 'Details' })
    await seen
      .getByRole('list', { name: 'Bots' })
      .getByRole('button', { name: /^Music/ })
      .click()
    const about = bob.getByRole('dialog', { name: 'About this bot' })
    await about.getByText('Added by Ann.').waitFor()
    await about.getByText('Whoever runs this bot can read messages addressed to it', { exact: false }).waitFor()
    expect(await faults(bob)).toEqual([])
    // Who does not manage the group cannot.
    expect(await about.getByRole('button', { name: 'Remove Music' }).count()).toBe(0)

    await ann.getByRole('button', { name: 'Details', exact: true }).click()
    const details = ann.getByRole('complementary', { name: 'Details' })
    await details
      .getByRole('list', { name: 'Bots' })
      .getByRole('button', { name: /^Music/ })
      .click()
    await ann.getByRole('button', { name: 'Remove Music' }).click()
    const asked = ann.getByRole('dialog', { name: 'Remove Music' })
    await asked.getByRole('button', { name: 'Remove', exact: true }).click()
    await bob.getByText('Ann removed the bot Music').waitFor()
    await details.getByText('No bots').waitFor()
    expect(app.complaints).toEqual([])
  })
})
