import type { Address, BotCommand } from '@dchat/sdk'

/** A command of a bot that is here. */
export interface CommandHere extends BotCommand {
  readonly bot: Address
  readonly botName: string
}

/** How a command is typed: `/remind <when> [what]`. */
export const usageOf = ({ name, args = [] }: BotCommand): string =>
  [`/${name}`, ...args.map((arg) => (arg.optional === true ? `[${arg.name}]` : `<${arg.name}>`))].join(' ')

/** The command whose arguments are being typed. */
export const commandIn = (text: string, commands: readonly CommandHere[]): CommandHere | undefined => {
  const name = /^\/([a-z][a-z0-9_-]*)(?:@\S+)?\s/.exec(text)?.[1]
  return name === undefined
    ? undefined
    : commands.find((command) => command.name === name && (command.args?.length ?? 0) > 0)
}
