import type { Command } from '../../command/define.ts'
import { botDeadLettersList, botDeadLettersReplay } from './dead-letters.ts'
import { botDev } from './dev.ts'
import { botInit } from './init.ts'
import { botRun } from './run.ts'
import { botInstall, botList, botRemove, botShow } from './scopes.ts'
import { botSignTest } from './sign-test.ts'
import { botWebhookAdd, botWebhookList, botWebhookRemove, botWebhookRotate, botWebhookTest } from './webhook.ts'

/** Every command of bots, in the order of the help text. */
export const BOT_COMMANDS: readonly Command[] = [
  botInit,
  botRun,
  botDev,
  botWebhookAdd,
  botWebhookList,
  botWebhookTest,
  botWebhookRotate,
  botWebhookRemove,
  botDeadLettersList,
  botDeadLettersReplay,
  botSignTest,
  botShow,
  botList,
  botInstall,
  botRemove,
]

export const BOT_GROUPS: Readonly<Record<string, string>> = {
  bot: 'Make and run bots, and let bots into groups',
  'bot webhook': 'Programs elsewhere that a bot hands its events to',
  'bot dead-letters': 'Events that a webhook did not take in the end',
}
