import type { BotCommandArg, BotManifest } from '@dchat/sdk'
import type { Args } from './args.ts'
import { type Command, HELP } from './commands.ts'
import type { BotOptions } from './options.ts'

const argsOf = (args: Args): readonly BotCommandArg[] =>
  Object.entries(args).map(([name, { type, isOptional, choices }]) => ({
    name,
    type,
    ...(isOptional && { optional: true }),
    ...(choices && { choices }),
  }))

/** What a bot publishes of itself; undefined where it does not say what it reads. */
export const manifestOf = ({ read, about }: BotOptions, commands: readonly Command[]): BotManifest | undefined => {
  if (read === undefined) return undefined
  const helped =
    commands.length === 0 || commands.some(({ name }) => name === HELP.name) ? commands : [...commands, HELP]
  return {
    read,
    send: true,
    react: true,
    files: false,
    members: read === 'all',
    history: 'none',
    commands: helped.map(({ name, description, args }) => ({
      name,
      description,
      ...(args && Object.keys(args).length > 0 && { args: argsOf(args) }),
    })),
    ...(about !== undefined && { about }),
  }
}
