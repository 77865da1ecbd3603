import type { Writable } from 'node:stream'
import type { DchatError } from '@dchat/sdk/errors'
import type { Environment, Host, Terminal } from '../host.ts'
import { failureView } from './failure.ts'
import { Stopped } from './stop.ts'
import type { Style } from './text.ts'
import { jsonLine, style } from './text.ts'

export interface OutputOptions {
  readonly json: boolean
  readonly plain: boolean
  readonly quiet: boolean
  readonly verbose: boolean
}

/** Data goes to stdout, talk to stderr; see "Output contract" in docs/cli.md. */
export interface Output {
  readonly json: boolean
  readonly style: Style
  /** The one result of a command. Resolves when it was handed to the system. */
  result(data: object, text: string): Promise<void>
  /** One element of a list or stream, written at once. */
  item(type: string, fields: object, text: string): Promise<void>
  /** The same, as JSON whatever the flags say. */
  jsonItem(type: string, fields: object): Promise<void>
  /** The end of a bounded list. */
  end(fields?: object): Promise<void>
  /** Said to the person, on stderr, unless --quiet. */
  note(text: string): void
  /** For `-v` only. */
  detail(text: string): void
  /** Said whatever the flags: the recovery phrase. */
  secret(text: string): void
  fail(error: DchatError): void
}

/** Resolves when the bytes left the process, so that what was written can be acknowledged. */
const write = (stream: Writable, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error) return resolve()
      const gone = 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
      reject(gone ? new Stopped(0) : error)
    })
  })

const coloured = (stream: Terminal, env: Environment, plain: boolean): boolean =>
  stream.isTTY === true && !plain && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'

export const createOutput = (host: Pick<Host, 'stdout' | 'stderr' | 'env'>, options: OutputOptions): Output => {
  const { stdout, stderr, env } = host
  const tell = (text: string): void => void stderr.write(`${text}\n`)
  const print = async (text: string): Promise<void> => {
    if (text !== '') await write(stdout, `${text}\n`)
  }
  const jsonItem: Output['jsonItem'] = (type, fields) => write(stdout, jsonLine({ v: 1, type, ...fields }))
  return {
    json: options.json,
    style: style(!options.json && coloured(stdout, env, options.plain)),
    result: (data, text) => (options.json ? write(stdout, jsonLine({ v: 1, ok: true, data })) : print(text)),
    item: (type, fields, text) => (options.json ? jsonItem(type, fields) : print(text)),
    jsonItem,
    end: async (fields = {}) => {
      if (options.json) await write(stdout, jsonLine({ v: 1, type: 'end', ...fields }))
    },
    note: (text) => {
      if (!options.quiet) tell(text)
    },
    detail: (text) => {
      if (options.verbose) tell(text)
    },
    secret: tell,
    fail: (error) => {
      if (options.json) stderr.write(jsonLine({ v: 1, ok: false, error: failureView(error) }))
      else tell(`dchat: ${error.message}\n${error.hint}`)
      if (options.verbose) tell(String(error.cause instanceof Error ? error.cause.stack : error.stack))
    },
  }
}
