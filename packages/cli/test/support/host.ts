import { PassThrough, Readable } from 'node:stream'
import type { Host } from '../../src/host.ts'

export interface FakeHost extends Host {
  readonly out: () => string
  readonly err: () => string
  readonly stop: AbortController
}

const sink = (): { stream: PassThrough & { isTTY?: boolean; columns?: number }; text: () => string } => {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk) => {
    text += String(chunk)
  })
  return { stream, text: () => text }
}

/** A process that exists only in memory. */
export const fakeHost = (argv: readonly string[], options: Partial<Host> & { input?: string } = {}): FakeHost => {
  const stdout = sink()
  const stderr = sink()
  const stop = new AbortController()
  const { input = '', ...rest } = options
  return {
    argv,
    env: {},
    platform: 'linux',
    home: '/home/alice',
    temporary: '/tmp',
    uid: process.getuid?.(),
    stdin: Readable.from([Buffer.from(input)]),
    stdout: Object.assign(stdout.stream, { columns: 90 }),
    stderr: stderr.stream,
    signal: stop.signal,
    ...rest,
    out: stdout.text,
    err: stderr.text,
    stop,
  }
}
