import { dirname } from 'node:path'
import { botFile } from '../../bots/load-bot.ts'
import { PLACE_OPTIONS } from '../../bots/place.ts'
import { defineCommand } from '../../command/define.ts'
import { invalid } from '../../command/text-argument.ts'
import { FILE_ARG } from './run.ts'

export const botDev = defineCommand({
  name: 'bot dev',
  description: 'Run a bot anew at each change of its folder, and tell what it does; no event is lost in between',
  args: { file: FILE_ARG },
  options: PLACE_OPTIONS,
  example: 'dchat bot dev bot.js',
  run: async ({ file, 'secret-file': secret, data }, context) => {
    const { host, out, signal } = context
    const found = await botFile(file)
    if (found === undefined) throw invalid('file', 'there is no bot.js, bot.mjs or bot.ts here')
    if (secret === '-') throw invalid('--secret-file', 'the bot is started several times: name a file')
    const { runAgain } = await import('../../bots/run-again.ts')
    const named = { 'secret-file': secret, data }
    const more = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
    // What was said to this command counts for each start, but for its own name and what stands above.
    const globals = host.argv.filter((word) => word === '--json' || word === '--quiet' || word === '-v')
    const profile = context.globals.profile === undefined ? [] : ['--profile', context.globals.profile]
    const relays = context.globals.relay.flatMap((relay) => ['--relay', relay])
    const args = ['bot', 'run', '--events', ...more, ...globals, ...profile, ...relays, '--', found]
    const tell = (what: 'changed' | 'ended', code?: number | null): void => {
      if (out.json) void out.jsonItem(what, code === undefined ? {} : { code })
      else
        out.note(
          what === 'changed' ? '~ changed: the bot starts anew' : '~ the bot ended; it starts at the next change',
        )
    }
    await runAgain(
      {
        program: process.execPath,
        args: [...process.execArgv, process.argv[1] ?? '', ...args],
        folder: dirname(found),
        tell,
      },
      signal,
    )
  },
})
