import { type Args, readArgs, usageOf } from './args.ts'
import type { Next } from './compose.ts'
import type { Context } from './context.ts'

export interface Command {
  readonly name: string
  readonly description: string
  readonly args?: Args
}

const NAME = /^[a-z][a-z0-9_-]{0,31}$/

export const isCommandName = (name: string): boolean => NAME.test(name)

const usage = ({ name, args = {} }: Command): string => usageOf(name, args)

/** Runs a command's handler with its arguments, or says how it is used. */
export const runCommand = async (
  command: Command,
  ctx: Context,
  next: Next,
  run: (ctx: Context, next: Next) => unknown,
): Promise<void> => {
  const words = ctx.command?.args ?? []
  if (command.args === undefined) {
    await run(Object.assign(ctx, { args: words }), next)
    return
  }
  const read = readArgs(command.args, words)
  if (read.ok) await run(Object.assign(ctx, { args: read.values }), next)
  else await ctx.reply(`"${read.name}" has to be ${read.expects}.\nUsage: ${usage(command)}`)
}

/** There without a handler. */
export const HELP: Command = { name: 'help', description: 'Shows this list' }

/** What `/help` answers. */
export const helpText = (commands: readonly Command[]): string =>
  [...commands, HELP].map((command) => `${usage(command)}: ${command.description}`).join('\n')
