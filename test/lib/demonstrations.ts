import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { root } from './tree.ts'

/** Runs of `npm start` in processes of their own, over one folder; `end` ends those that are still there. */
export const demonstrations = (data: string, env: Record<string, string | undefined>) => {
  const running = new Set<ChildProcess>()
  /** `until` resolves when stdout has the text. */
  const start = (...args: string[]) => {
    const child = spawn(
      process.execPath,
      ['scripts/start.mjs', '--data', data, '--port', '0', '--app-port', '0', ...args],
      {
        cwd: root,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    running.add(child)
    let out = ''
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
    })
    child.stdout.setEncoding('utf8')
    const ended = once(child, 'close').then(([code]) => {
      running.delete(child)
      return { code: code as number | null, out, err }
    })
    const until = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const look = () => out.includes(text) && resolve(out)
        child.stdout.on('data', look)
        void ended.then(() => reject(new Error(`It ended without "${text}": ${err}`)))
        look()
      })
    child.stdout.on('data', (chunk: string) => {
      out += chunk
    })
    return { child, ended, until }
  }
  const end = async (): Promise<void> => {
    for (const child of running) {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  }
  return { start, end }
}

/** The value of a row: label, then value. */
export const row = (out: string, label: string): string => new RegExp(`^ {2}${label} +(.+)$`, 'm').exec(out)?.[1] ?? ''
