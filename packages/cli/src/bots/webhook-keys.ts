import { rm } from 'node:fs/promises'
import type { Context } from '../command/context.ts'
import { invalid } from '../command/text-argument.ts'
import { readSecret, writeSecret } from '../io/secrets.ts'

/** How the program behind a webhook gets to know who signs. No secret stands in an argument or on a terminal. */
export const KEY_OPTIONS = {
  out: { type: 'text', placeholder: 'P', description: 'Make a shared secret, and write it to this new file (0600)' },
  'key-file': { type: 'text', placeholder: 'P|-', description: 'A shared secret that the program has: whsec_…' },
} as const

export interface KeyValues {
  readonly out: string | undefined
  readonly 'key-file': string | undefined
}

/**
 * Works with a shared secret as the options name it; undefined where they name none. One that was made is in its file before
 * it is in use, and the file is taken back where the work fails.
 */
export const withSharedSecret = async <T>(
  { out, 'key-file': file }: KeyValues,
  context: Context,
  work: (secret: string | undefined) => Promise<T>,
): Promise<T> => {
  if (out !== undefined && file !== undefined)
    throw invalid('--key-file', 'a secret is made by --out, or taken from here')
  if (file !== undefined) return work(await readSecret(file, '--key-file', () => context.stdin('--key-file')))
  if (out === undefined) return work(undefined)
  const { createWebhookSecret } = await import('@dchat/bot-kit')
  const secret = createWebhookSecret()
  await writeSecret(out, secret, '--out')
  try {
    return await work(secret)
  } catch (error) {
    await rm(out, { force: true })
    throw error
  }
}
