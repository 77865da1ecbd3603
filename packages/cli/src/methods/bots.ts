import type { Address, Client, InstalledBot } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import type { BotCalls, BotStreams, BotView, InstalledBotView } from './bot-types.ts'
import type { Engine } from './engine.ts'
import { change } from './groups.ts'
import { groupOf, personOf } from './resolve.ts'
import { caughtUp } from './synced.ts'

type Params<K extends keyof BotCalls> = BotCalls[K]['params']

const named = async (client: Client, address: Address): Promise<{ readonly name?: string }> => {
  const name = (await client.contacts.find(address))?.name
  return name === undefined ? {} : { name }
}

const installedView = async (client: Client, bot: InstalledBot): Promise<InstalledBotView> => ({
  ...bot,
  ...(await named(client, bot.address)),
})

export const installBot = async (
  engine: Engine,
  params: Params<'bot.install'>,
  signal: AbortSignal,
): Promise<BotCalls['bot.install']['result']> => {
  const chat = await groupOf(engine, params.group, params, signal)
  const address = await personOf(engine.client, params.bot, signal)
  const bot = await change(engine, params, signal, (options) => engine.client.bots.install(chat, address, options))
  return { chat, bot: await installedView(engine.client, bot) }
}

export const removeBot = async (
  engine: Engine,
  params: Params<'bot.remove'>,
  signal: AbortSignal,
): Promise<BotCalls['bot.remove']['result']> => {
  const chat = await groupOf(engine, params.group, params, signal)
  const address = await personOf(engine.client, params.bot, signal)
  await change(engine, params, signal, (options) => engine.client.bots.remove(chat, address, options))
  return { chat, address }
}

export const botManifest = async (
  { client }: Engine,
  params: Params<'bot.manifest'>,
  signal: AbortSignal,
): Promise<BotView> => {
  const address = await personOf(client, params.bot, signal)
  const manifest = await client.bots.manifest(address)
  const hint = 'Only a program that was started as a bot, and has said what it reads, is one.'
  if (manifest === undefined) throw new DchatError('identity/unknown-peer', { peer: address, hint }, { hint })
  return { address, ...(await named(client, address)), manifest }
}

export async function* listBots(
  engine: Engine,
  params: BotStreams['bot.list']['params'],
  signal: AbortSignal,
): AsyncGenerator<InstalledBotView> {
  if (params.offline !== true) await caughtUp(engine, params, signal)
  const chat = await groupOf(engine, params.group, params, signal)
  for (const bot of await engine.client.bots.list(chat)) yield installedView(engine.client, bot)
}
