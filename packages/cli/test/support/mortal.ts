import { setTimeout as sleep } from 'node:timers/promises'
import type { Ended, Running } from './cli.ts'

/** A death: once `progress` reaches `at`, after `delay` ms; `pause` ms later the next life begins. */
export interface Death {
  readonly at: number
  readonly delay: number
  readonly pause: number
}

export interface MortalOptions {
  readonly begin: () => Running
  /** Takes each whole line of stdout, of every life. */
  readonly line: (text: string) => void
  readonly progress: () => number
  /** In the order of `at`. */
  readonly deaths: readonly Death[]
}

export interface Mortal {
  readonly kills: () => number
  /** All its deaths are behind it, or it ended another way. */
  readonly survived: Promise<void>
  /** The end of the last life. */
  readonly ended: Promise<Ended>
  /** Ends whatever life it has, and it gets no other. */
  stop(signal: NodeJS.Signals): void
}

/** A program that is killed with -9 again and again, and each time started again in the same way. */
export const mortal = ({ begin, line, progress, deaths }: MortalOptions): Mortal => {
  let kills = 0
  let running = begin()
  let stopped = false

  const follow = async ({ line: next }: Running): Promise<void> => {
    for (let text = await next(); text !== undefined; text = await next()) line(text)
  }

  /** True if it was killed; false if it ended by itself before. */
  const die = async (life: Running, { at, delay }: Death): Promise<boolean> => {
    let over = false
    void life.ended.then(() => {
      over = true
    })
    while (!over && !stopped && progress() < at) await sleep(1)
    if (delay > 0) await sleep(delay)
    if (over || stopped) return false
    life.child.kill('SIGKILL')
    return (await life.ended).signal === 'SIGKILL'
  }

  let followed = follow(running)

  const dieAll = async (): Promise<void> => {
    const again = async (): Promise<void> => {
      await followed
      running = begin()
      followed = follow(running)
    }
    for (const death of deaths) {
      while (!(await die(running, death))) {
        // It was faster than its death: the next life gets it.
        const end = await running.ended
        if (stopped || end.code !== 0) return
        await again()
      }
      kills += 1
      await sleep(death.pause)
      if (stopped) return
      await again()
    }
  }

  const survived = dieAll()
  const live = async (): Promise<Ended> => {
    await survived
    await followed
    return running.ended
  }

  return {
    kills: () => kills,
    survived,
    ended: live(),
    stop: (signal) => {
      stopped = true
      running.child.kill(signal)
    },
  }
}
