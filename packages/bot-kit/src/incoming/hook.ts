import { createHash, randomBytes } from 'node:crypto'
import { DchatError } from '@dchat/sdk/errors'

/** An incoming webhook: whoever knows its secret may write into one conversation, as the bot. */
export interface IncomingHook {
  /** For the operator; no two hooks share one. */
  readonly name: string
  /** Made by `createHookSecret`; the last part of its address. */
  readonly secret: string
  readonly conversation: string
  /** What is said: `{{repository.name}}` is that of the payload. Default `{{text}}`. */
  readonly template?: string
  /** Of markdown, what the payload says is escaped. Default `text`. */
  readonly format?: 'text' | 'markdown'
  /** ms since 1970; from then on it answers 410. */
  readonly expiresAt?: number
}

/** 192 random bits: nobody finds it by trying. */
export const createHookSecret = (random: (length: number) => Uint8Array = randomBytes): string =>
  `hook_${Buffer.from(random(24)).toString('base64url')}`

const fingerprint = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Finds hooks by their secrets, by way of a hash: the time that it takes tells nothing. */
export const hookFinder = (hooks: readonly IncomingHook[]): ((secret: string) => IncomingHook | undefined) => {
  const invalid = (reason: string) => new DchatError('usage/invalid-argument', { name: 'hooks', reason })
  if (new Set(hooks.map(({ name }) => name)).size < hooks.length) throw invalid('two have the same name')
  if (hooks.some(({ secret }) => !/^hook_[\w-]{32,}$/.test(secret)))
    throw invalid('a secret is not of createHookSecret')
  const byFingerprint = new Map(hooks.map((hook) => [fingerprint(hook.secret), hook]))
  if (byFingerprint.size < hooks.length) throw invalid('two have the same secret')
  return (secret) => byFingerprint.get(fingerprint(secret))
}
