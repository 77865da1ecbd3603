import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { DchatError } from '@dchat/sdk/errors'
import type { Environment } from '../host.ts'

/** Bytes that a passphrase or phrase may have at most. */
const SECRET_LIMIT = 4096

export interface PassphraseFlags {
  readonly file: string | undefined
  readonly fd: number | undefined
}

/** The name of the credential that systemd may hand over. */
const CREDENTIAL = 'dchat-passphrase'

const readAll = async (input: AsyncIterable<Uint8Array | string>, name: string): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    size += bytes.length
    if (size > SECRET_LIMIT)
      throw new DchatError('usage/invalid-argument', { name, reason: `it holds more than ${SECRET_LIMIT} bytes` })
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const nonEmpty = (text: string, name: string): string => {
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new DchatError('usage/invalid-argument', { name, reason: 'it is empty' })
  return secret
}

/** A secret from a file, or from stdin for `-`; the last newline does not belong to it. */
export const readSecret = async (path: string, name: string, stdin: () => Readable): Promise<string> => {
  if (path === '-') return nonEmpty(await readAll(stdin(), name), name)
  try {
    if ((await stat(path)).size > SECRET_LIMIT)
      throw new DchatError('usage/invalid-argument', { name, reason: `it holds more than ${SECRET_LIMIT} bytes` })
    return nonEmpty(await readFile(path, 'utf8'), name)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error
    throw new DchatError('usage/invalid-argument', { name, reason: `there is no file ${path}` }, { cause: error })
  }
}

/** By the flags `<flag>-fd` or `<flag>-file`; undefined if neither was given. */
export const readFlagged = async (
  { file, fd }: PassphraseFlags,
  flag: string,
  stdin: (purpose: string) => Readable,
): Promise<string | undefined> => {
  if (fd !== undefined) {
    const name = `${flag}-fd`
    return nonEmpty(await readAll(createReadStream('', { fd }), name), name)
  }
  const name = `${flag}-file`
  return file === undefined ? undefined : readSecret(file, name, () => stdin(name))
}

/** By flag, by the file that the environment names, or by a systemd credential; undefined if there is none. */
export const readPassphrase = async (
  flags: PassphraseFlags,
  env: Environment,
  stdin: () => Readable,
): Promise<string | undefined> => {
  const given = await readFlagged(flags, '--passphrase', stdin)
  if (given !== undefined) return given
  if (env.DCHAT_PASSPHRASE_FILE !== undefined && env.DCHAT_PASSPHRASE_FILE !== '')
    return readSecret(env.DCHAT_PASSPHRASE_FILE, 'DCHAT_PASSPHRASE_FILE', stdin)
  if (env.CREDENTIALS_DIRECTORY === undefined) return undefined
  const path = join(env.CREDENTIALS_DIRECTORY, CREDENTIAL)
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  return exists ? readSecret(path, CREDENTIAL, stdin) : undefined
}

/** Writes a secret to a new file that only this user may read. */
export const writeSecret = async (path: string, text: string, name: string): Promise<void> => {
  try {
    const handle = await open(path, 'wx', 0o600)
    try {
      await handle.writeFile(`${text}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
    throw new DchatError(
      'usage/invalid-argument',
      { name, reason: `${path} exists and is not overwritten` },
      { cause: error },
    )
  }
}
