import { createContext } from './command/create-context.ts'
import { parse } from './command/parse.ts'
import { COMMANDS, GROUPS } from './command/table.ts'
import type { Host } from './host.ts'
import { exitCode, toFailure } from './io/failure.ts'
import type { OutputOptions } from './io/output.ts'
import { createOutput } from './io/output.ts'
import { isStopped } from './io/stop.ts'

/** Before the command line is understood: what it most likely wants, so that even its own faults are told that way. */
const guess = (argv: readonly string[]): OutputOptions => {
  const end = argv.indexOf('--')
  const flags = end === -1 ? argv : argv.slice(0, end)
  return { json: flags.includes('--json'), plain: false, quiet: false, verbose: flags.includes('-v') }
}

/** Runs one command line and answers with its exit code. Nothing is left open behind it. */
export const run = async (host: Host): Promise<number> => {
  let out = createOutput(host, guess(host.argv))
  try {
    const parsed = await parse(host.argv, COMMANDS, GROUPS, host.stdout.columns ?? 80)
    if (parsed.kind === 'help') {
      await out.result({ help: parsed.text }, parsed.text)
      return 0
    }
    const { command, values, globals } = parsed
    out = createOutput(host, globals)
    const context = createContext(host, globals, out)
    try {
      await command.run(values, context)
    } finally {
      await context.close()
    }
    return host.signal.aborted ? exitCode(host.signal.reason) : 0
  } catch (error) {
    // Whatever broke because the program was told to stop is not a failure.
    const cause = host.signal.aborted && isStopped(host.signal.reason) ? host.signal.reason : error
    if (!isStopped(cause)) out.fail(toFailure(cause))
    return exitCode(cause)
  }
}
