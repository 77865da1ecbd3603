import { setTimeout as sleep } from 'node:timers/promises'
import type { Ended, Running } from './cli.ts'

export interface PhoenixOptions {
  readonly name: string
  readonly begin: () => Running
  /** Takes each whole line of stdout, of every life. */
  readonly line?: (text: string) => void
  /** After a life that ended by itself with 0: true if that was all. Default: it lives until it is stopped. */
  readonly isDone?: () => boolean
}

/** A program that begins again in the same way whenever it ends before its work is done. */
export interface Phoenix {
  readonly name: string
  readonly kills: () => number
  /** Kills the present life with -9 and begins the next one `pause` ms later; false if there was none to kill. */
  kill(pause: number): Promise<boolean>
  readonly over: Promise<void>
  /** How lives ended that nobody killed, for a failure to tell. */
  readonly troubles: () => readonly string[]
  stop(signal: NodeJS.Signals): Promise<void>
}

/** ms between two lives where the first ended by itself, so that a program that cannot start does not spin. */
const BREATH = 200

export const phoenix = ({ name, begin, line = () => {}, isDone = () => false }: PhoenixOptions): Phoenix => {
  let kills = 0
  let pause = BREATH
  let stopped = false
  let running: Running | undefined
  const troubles: string[] = []

  const live = async (): Promise<Ended> => {
    const life = begin()
    running = life
    for (let text = await life.line(); text !== undefined; text = await life.line()) line(text)
    const end = await life.ended
    running = undefined
    return end
  }

  const lives = async (): Promise<void> => {
    while (!stopped) {
      const { code, signal, err } = await live()
      if (code === 0 && isDone()) return
      if (signal !== 'SIGKILL' && !stopped) troubles.push(`${name} ended with ${code ?? signal}: ${err.trim()}`)
      await sleep(pause)
      pause = BREATH
    }
  }

  const over = lives()
  return {
    name,
    kills: () => kills,
    kill: async (before) => {
      const life = running
      if (life === undefined || stopped) return false
      pause = before
      life.child.kill('SIGKILL')
      const killed = (await life.ended).signal === 'SIGKILL'
      if (killed) kills += 1
      return killed
    },
    over,
    troubles: () => troubles,
    stop: async (signal) => {
      stopped = true
      running?.child.kill(signal)
      await over
    },
  }
}
