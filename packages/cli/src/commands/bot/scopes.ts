import { GROUP_ARG, patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { oneLine } from '../../io/text.ts'
import type { BotView } from '../../methods/bot-types.ts'
import { readsText } from '../../methods/notices.ts'

const BOT_ARG = { description: 'A bot by its contact name, address or invite link' } as const

const called = ({ name, address }: BotView): string => (name === undefined ? address : oneLine(name))

const botLines = (bot: BotView): string[] => {
  const { manifest } = bot
  const may = [
    ...(manifest.send ? ['write'] : []),
    ...(manifest.react ? ['react'] : []),
    ...(manifest.files ? ['files'] : []),
    ...(manifest.members ? ['see members'] : []),
    ...(manifest.inline === true ? ['answer while somebody types'] : []),
  ]
  return [
    bot.name === undefined ? bot.address : `${oneLine(bot.name)}\t${bot.address}`,
    ...(manifest.about === undefined ? [] : [`  ${oneLine(manifest.about)}`]),
    `  reads     ${readsText(manifest.read)}`,
    `  may       ${may.length === 0 ? 'nothing' : may.join(', ')}`,
    ...manifest.commands.map(({ name, description }) => `  /${name.padEnd(8)} ${oneLine(description)}`),
  ]
}

export const botShow = defineCommand({
  name: 'bot show',
  description: 'Show what a bot says it reads and does, before you let it into a group',
  args: { bot: BOT_ARG },
  options: {},
  example: 'dchat bot show pollbot',
  run: async ({ bot }, { session, out, globals, signal }) => {
    const { call } = await session()
    const found = await call('bot.manifest', { bot, ...patienceOf(globals) }, { signal })
    await out.result(found, botLines(found).join('\n'))
  },
})

export const botList = defineCommand({
  name: 'bot list',
  description: 'List the bots of a group, with what each may read there',
  args: { group: GROUP_ARG },
  options: { offline: { type: 'flag', description: 'Only what is stored here; ask no relay' } },
  example: "dchat bot list 'Mountain trip'",
  run: async ({ group, offline }, { session, out, globals, signal }) => {
    const { stream } = await session()
    for await (const bot of stream('bot.list', { group, offline, ...patienceOf(globals) }, { signal }))
      await out.item('bot', bot, botLines(bot).join('\n'))
  },
})

export const botInstall = defineCommand({
  name: 'bot install',
  description: 'Let a bot into a group, to read what it asks for now and nothing else; owners and admins do',
  args: { group: GROUP_ARG, bot: BOT_ARG },
  options: {},
  example: "dchat bot install 'Mountain trip' pollbot",
  run: async ({ group, bot }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('bot.install', { group, bot, ...patienceOf(globals) }, { signal })
    await out.result(done, `${called(done.bot)} is in the group, and reads ${readsText(done.bot.manifest.read)}.`)
    out.note('Whoever runs a bot can read what reaches it.')
  },
})

export const botRemove = defineCommand({
  name: 'bot remove',
  description: 'Take a bot out of a group; from then on nothing is encrypted to it',
  args: { group: GROUP_ARG, bot: BOT_ARG },
  options: {},
  example: "dchat bot remove 'Mountain trip' pollbot",
  run: async ({ group, bot }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('bot.remove', { group, bot, ...patienceOf(globals) }, { signal })
    await out.result(done, 'The bot is out.')
  },
})
