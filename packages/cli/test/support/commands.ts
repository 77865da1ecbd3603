import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from './cli.ts'
import { start } from './cli.ts'

/** What one command came to: its data, or a refusal that no repetition mends. */
export type Outcome =
  | { readonly ok: true; readonly data: Record<string, unknown> }
  | { readonly ok: false; readonly code: string }

/** Commands in processes of their own, each repeated until it comes to something, whatever dies around it. */
export interface Commands {
  /** Its data; throws where it comes to something else. */
  insist(name: string, argv: readonly string[]): Promise<Record<string, unknown>>
  attempt(name: string, argv: readonly string[]): Promise<Outcome>
  /** Kills one that runs with -9; false if none runs, or it ended by itself. */
  killOne(): Promise<boolean>
  readonly kills: () => number
  /** Kills what runs, and repeats nothing any more. */
  stop(): void
}

export interface CommandsOptions {
  readonly home: (name: string) => string
  /** Codes of errors that are outcomes. Default: none. */
  readonly isFinal?: (code: string) => boolean
}

/** Attempts of one command, while everything around it dies. */
const ATTEMPTS = 40
/** Failures that pass: relay or owner were away or want a pause, nobody confirmed in time, what it names did not come yet. */
const PASSES = new Set([null, 1, 3, 5, 7, 8, 10])

const codeOf = (err: string): string => {
  try {
    return JSON.parse(err.trim().split('\n').at(-1) ?? '').error.code
  } catch {
    return ''
  }
}

export const commands = ({ home, isFinal = () => false }: CommandsOptions): Commands => {
  const running = new Set<Running>()
  let over = false
  let kills = 0

  const attempt = async (name: string, argv: readonly string[]): Promise<Outcome> => {
    let said = ''
    for (let round = 0; round < ATTEMPTS && !over; round += 1) {
      const command = start(home(name), [...argv, '--json'], { input: '' })
      running.add(command)
      const { code, signal, out, err } = await command.ended
      running.delete(command)
      if (code === 0) return { ok: true, data: JSON.parse(out.split('\n')[0] ?? '{}').data }
      const failure = codeOf(err)
      if (isFinal(failure)) return { ok: false, code: failure }
      said = `${name}: dchat ${argv.join(' ')} ended with ${code ?? signal}: ${err}`
      if (!PASSES.has(code)) break
      await sleep(100)
    }
    throw new Error(said)
  }

  return {
    attempt,
    insist: async (name, argv) => {
      const outcome = await attempt(name, argv)
      if (outcome.ok) return outcome.data
      throw new Error(`${name}: dchat ${argv.join(' ')} was refused: ${outcome.code}`)
    },
    killOne: async () => {
      const [command] = running
      command?.child.kill('SIGKILL')
      if ((await command?.ended)?.signal !== 'SIGKILL') return false
      kills += 1
      return true
    },
    kills: () => kills,
    stop: () => {
      over = true
      for (const { child } of running) child.kill('SIGKILL')
    },
  }
}
