import { simulatedRelay } from '@dchat/relay/testing'
import type { Client, PressAnswer } from '@dchat/sdk'
import { createSim, type Sim, type SimPerson } from '@dchat/sdk/testing'
import type { Bot } from '../bot/bot.ts'
import type { RunningBot } from '../bot/running-bot.ts'
import { memoryQueue } from '../queue/memory.ts'
import { memoryBotStore } from '../store/bot-store.ts'
import { createUser, type Reply, type TestGroup, type TestUser } from './user.ts'

/** A bot, or what makes one of a client: then it can be killed and made again. */
export type BotUnderTest = Bot | ((client: Client) => Bot | Promise<Bot>)

export interface TestBotOptions {
  /** The same seed gives the same keys, ids and times. Default 1. */
  readonly seed?: string | number
}

/**
 * A bot among people, in one process: real clients and a real relay over simulated time, links and disks. There is no
 * network, no file and no waiting; time moves while something is done, and by `clock.advance`.
 */
export interface TestBot {
  /** The one of this name; made at the first use. */
  user(name: string): TestUser
  /** A group of the first user, with the others and the bot, which is installed if it says what it reads. */
  group(name: string, ...people: readonly TestUser[]): Promise<TestGroup>
  /** Starts another bot, as the user of this name: bots meet each other. */
  join(name: string, bot: Bot): Promise<void>
  /** What the bot said last to who acted last. */
  lastReply(): Promise<Reply | undefined>
  readonly clock: {
    now(): number
    /** Moves time by so many ms, and until the bot is done with what happened. */
    advance(ms: number): Promise<void>
    /** Moves time and does not wait for handlers. */
    run(ms: number): Promise<void>
  }
  /** The bot's own client. */
  readonly client: Client
  /** Moves time until nothing happens any more and no handler runs. */
  settle(): Promise<void>
  /** Stops the bot in good order and starts it again. */
  restart(): Promise<void>
  /** Kills the bot wherever it is. What it had written is there at `start`. */
  kill(): void
  /** Starts it again after `kill`. */
  start(): Promise<void>
  /** Rejects with the error that stopped the bot, if one did. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** ms of simulated time without a frame after which everything has arrived. */
const QUIET = 400
/** ms of real time that handlers may take for what is not of this world. */
const PATIENCE = 10_000

const never = <T>(): Promise<T> => new Promise<T>(() => undefined)

/** What a process has of a disk: its calls settle as long as it lives. */
const mortal = <T extends object>(disk: T, isAlive: () => boolean): T =>
  new Proxy(disk, { get: (target, name) => (isAlive() ? Reflect.get(target, name) : never) })

/** Keeps what is answered to presses, as long as the client is open. */
const listen = async (client: Client, answers: PressAnswer[]): Promise<void> => {
  for await (const event of client.events())
    if (event.type === 'press-answered') answers.push({ text: event.text, alert: event.alert })
}

interface Life {
  readonly bot: Bot
  readonly running: RunningBot
  failure?: { readonly error: unknown }
  isAlive: boolean
}

/** Starts the bot of a test. */
export const testBot = async (subject: BotUnderTest, { seed = 1 }: TestBotOptions = {}): Promise<TestBot> => {
  const sim: Sim = createSim({ seed, relay: simulatedRelay(), faults: { delay: [1, 1] }, disk: [0, 0] })
  const person = await sim.person('bot')
  const [disk, events] = [memoryBotStore(), memoryQueue()]
  const people = new Map<string, Promise<SimPerson>>()
  const answers = new Map<string, PressAnswer[]>()
  const users = new Map<string, TestUser>()
  const others: Bot[] = []
  let last: TestUser | undefined
  let life: Life | undefined

  const begin = async (): Promise<void> => {
    const { client, clock } = person.device
    const bot = typeof subject === 'function' ? await sim.finish(Promise.resolve(subject(client))) : subject
    const alive = { isAlive: true }
    const store = mortal(disk, () => alive.isAlive)
    const queue = mortal(events, () => alive.isAlive)
    const running = await sim.finish(bot.start({ client, clock, store, queue }))
    const begun: Life = Object.assign(alive, { bot, running })
    running.done.catch((error: unknown) => {
      begun.failure = { error }
    })
    life = begun
  }

  const settle = async (): Promise<void> => {
    const end = Date.now() + PATIENCE
    while (true) {
      await sim.settle({ quiet: QUIET })
      if (life === undefined || life.running.busy === 0 || life.failure) return
      if (Date.now() > end) throw new Error('a handler of the bot does not end')
      // For what handlers ask of the real world.
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const finish = async <T>(work: Promise<T>): Promise<T> => {
    const result = await sim.finish(work)
    await settle()
    return result
  }
  const join = async (name: string, bot: Bot): Promise<void> => {
    await clientOf(name)
    const { client, clock } = ((await people.get(name)) as SimPerson).device
    await sim.finish(bot.start({ client, clock, store: memoryBotStore() }))
    others.push(bot)
    await settle()
  }
  const clientOf = async (name: string): Promise<Client> => {
    const known = people.get(name) ?? sim.person(name)
    if (!people.has(name))
      void known.then(
        ({ client }) => listen(client, answersOf(name)),
        () => undefined,
      )
    people.set(name, known)
    return (await known).client
  }

  const answersOf = (name: string): PressAnswer[] => {
    const known = answers.get(name) ?? []
    answers.set(name, known)
    return known
  }

  const user = (name: string): TestUser => {
    const known = users.get(name)
    if (known) return known
    let chat: ReturnType<typeof openChat> | undefined
    const openChat = async () => {
      const client = await clientOf(name)
      const bot = person.client
      return (await sim.finish(client.conversations.dm(bot.address, { relays: bot.relays() }))).id
    }
    const made = createUser({
      name,
      client: () => clientOf(name),
      bot: () => person.identity.address,
      chat: () => {
        chat ??= openChat()
        return chat
      },
      answers: answersOf(name),
      during: (work) => sim.finish(work),
      finish,
      acted: (acting) => {
        last = acting
      },
    })
    users.set(name, made)
    return made
  }

  const stop = async (): Promise<void> => {
    const ended = life
    life = undefined
    if (ended) await sim.finish(ended.bot.stop())
    await person.device.stop()
  }

  const close = async (): Promise<void> => {
    const failure = life?.failure
    await stop()
    for (const bot of others) await sim.finish(bot.stop())
    await sim.close()
    if (failure) throw failure.error
  }

  await begin()
  return {
    user,
    join,
    group: async (name, ...members) => {
      const [owner, ...others] = members
      if (owner === undefined) throw new Error('a group has somebody who made it')
      const mine = await owner.client()
      const bot = person.identity.address
      const installed = (await finish(mine.bots.manifest(bot))) !== undefined
      const added = installed ? [] : [bot]
      for (const other of others) added.push((await other.client()).address)
      const { id } = await finish(mine.groups.create({ name, people: added }))
      for (const other of others) await finish((await other.client()).groups.accept(id))
      if (installed) await finish(mine.bots.install(id, bot))
      return { id, name }
    },
    lastReply: async () => last?.lastReply(),
    clock: {
      now: () => sim.now(),
      run: (ms) => sim.run(ms),
      advance: async (ms) => {
        await sim.run(ms)
        await settle()
      },
    },
    get client() {
      return person.client
    },
    settle,
    restart: async () => {
      await stop()
      await sim.finish(person.device.restart())
      await begin()
      await settle()
    },
    kill: () => {
      if (typeof subject !== 'function') throw new Error('a bot that is killed is made again: give what makes it')
      if (life) life.isAlive = false
      life = undefined
      person.device.crash({ silent: false })
    },
    start: async () => {
      await sim.finish(person.device.restart())
      await begin()
      await settle()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
