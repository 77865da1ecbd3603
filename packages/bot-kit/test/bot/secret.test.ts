import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestRelay } from '@dchat/relay/testing'
import { createClient, createIdentity } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { type BotOptions, createBot, createBotSecret, session } from '../../src/index.ts'

const counting = (options: BotOptions) =>
  createBot(options)
    .use(session({ initial: () => ({ count: 0 }) }))
    .on('message:text', async (ctx) => {
      ctx.session.count += 1
      await ctx.reply(`${ctx.text} ${ctx.session.count}`)
    })

test('a secret is a bot: its folder holds what it knows; without it the same address comes back into its conversations', async () => {
  await using relay = await startTestRelay()
  const folder = await mkdtemp(join(tmpdir(), 'dchat-bot-'))
  const relays = [relay.url]
  const options = { secret: createBotSecret(), relays, folder: join(folder, 'bot'), name: 'Counter' }
  const alice = await createClient({ identity: createIdentity(), relays, store: ':memory:' })
  try {
    await alice.connect()
    const arrived = alice.messages.stream()[Symbol.asyncIterator]()
    /** What the bot says next. */
    const next = async (): Promise<string> => {
      const { value } = await arrived.next()
      return value?.content.type === 'text' ? value.content.text : next()
    }

    const first = counting(options)
    const { address, invite } = await first.start()
    await alice.contacts.add(invite)
    const chat = await alice.conversations.dm(address, { relays: alice.relays() })
    await chat.send('hello')
    expect(await next()).toBe('hello 1')
    await first.stop()

    const second = counting(options)
    expect((await second.start()).address).toBe(address)
    await chat.send('again')
    expect(await next()).toBe('again 2')
    await second.stop()
    expect((await alice.contacts.person(address)).profile?.name).toBe('Counter')

    await rm(options.folder, { recursive: true })
    const third = counting(options)
    expect((await third.start()).address).toBe(address)
    // Its new device reads what is said once the other side has let it in.
    const answered = next()
    let isBack = false
    void answered.then(() => {
      isBack = true
    })
    while (!isBack) {
      await chat.send('are you back?')
      await sleep(100)
    }
    expect(await answered).toBe('are you back? 1')
    expect((await alice.conversations.list()).items).toHaveLength(1)
    await third.stop()
  } finally {
    await alice.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('two bots live in one process, each with a folder of its own', async () => {
  await using relay = await startTestRelay()
  const folder = await mkdtemp(join(tmpdir(), 'dchat-bots-'))
  const bots = ['a', 'b'].map((name) =>
    counting({ secret: createBotSecret(), relays: [relay.url], folder: join(folder, name) }),
  )
  try {
    const [a, b] = await Promise.all(bots.map((bot) => bot.start()))
    expect(a?.address).not.toBe(b?.address)
  } finally {
    await Promise.all(bots.map((bot) => bot.stop()))
    await rm(folder, { recursive: true, force: true })
  }
})

test('a file holds the secret, made at the first start for its owner alone', async () => {
  await using relay = await startTestRelay()
  const folder = await mkdtemp(join(tmpdir(), 'dchat-bot-'))
  const secretFile = join(folder, 'bot.secret')
  const addresses: string[] = []
  try {
    for (const name of ['a', 'b']) {
      const bot = counting({ secretFile, relays: [relay.url], folder: join(folder, name) })
      addresses.push((await bot.start()).address)
      await bot.stop()
    }
    expect(new Set(addresses).size).toBe(1)
    if (process.platform !== 'win32') expect((await stat(secretFile)).mode & 0o777).toBe(0o600)
    await expect(counting({ secretFile: folder }).start()).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('what is no secret is refused before anything is opened', async () => {
  await expect(counting({ secret: 'hunter2', relays: ['ws://127.0.0.1:1'] }).start()).rejects.toMatchObject({
    code: 'usage/invalid-argument',
  })
  await expect(createBot().start()).rejects.toMatchObject({ code: 'usage/invalid-argument' })
})
