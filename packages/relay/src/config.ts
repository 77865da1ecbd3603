import { readFile } from 'node:fs/promises'
import { DchatError, SUCCESSOR_LIMIT } from '@dchat/sdk/wire'
import { z } from 'zod'
import { LOG_LEVELS } from './log.ts'

const rate = z.strictObject({ perSecond: z.number().positive(), burst: z.number().int().positive() })
const count = z.number().int().positive()

/** Every key of `Limits`, each of them optional. */
const limits = z.strictObject({
  connection: rate.optional(),
  address: rate.optional(),
  connects: rate.optional(),
  topic: rate.optional(),
  creates: rate.optional(),
  claims: rate.optional(),
  inboxPuts: rate.optional(),
  logEntries: rate.optional(),
  signals: rate.optional(),
  rendezvous: rate.optional(),
  connections: count.optional(),
  connectionsPerAddress: count.optional(),
  subscriptions: count.optional(),
  proofs: count.optional(),
  inFlight: count.optional(),
  allInFlight: count.optional(),
  inFlightBytes: count.optional(),
  largeInFlight: count.optional(),
  bufferedBytes: count.optional(),
  refusals: count.optional(),
  topicBytes: count.optional(),
  successors: count.max(SUCCESSOR_LIMIT).optional(),
  inboxItems: count.optional(),
  inboxBytes: count.optional(),
  packages: count.optional(),
  identityBytes: count.optional(),
  archiveSlots: count.optional(),
  archiveBytes: count.optional(),
  rendezvousSlots: count.optional(),
  rendezvousBytes: count.optional(),
})

/** A relay's configuration: the file's keys, which are also the names of the flags. */
export const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(7464),
  /** Data directory. */
  data: z.string().min(1).default('./dchat-relay-data'),
  /** Bytes that the database may have; without it the disk decides. */
  maxBytes: count.optional(),
  name: z.string().min(1).max(64).default('dchat relay'),
  policy: z.enum(['open', 'invitation']).default('open'),
  /** Addresses that may put a new identity under the policy `invitation`. */
  invited: z.array(z.string().min(1)).default([]),
  retentionDays: z.number().positive().max(36_500).default(30),
  commitRetentionDays: z.number().positive().max(36_500).default(365),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  trustProxy: z.boolean().default(false),
  limits: limits.default({}),
})

export type Config = z.output<typeof configSchema>
type Given = Readonly<Record<string, unknown>>

const invalid = (name: string, reason: string, cause?: unknown) =>
  new DchatError('usage/invalid-argument', { name, reason }, { cause })

/** The first thing that is wrong, in one clause. */
const check = (given: Given): Config => {
  const parsed = configSchema.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(issue?.path.join('.') || 'configuration', issue?.message.toLowerCase() ?? 'it is not valid')
  }
  const { tlsCert, tlsKey } = parsed.data
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw invalid('tls-cert', 'certificate and key belong together')
  return parsed.data
}

const readJson = async (file: string): Promise<Given> => {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw invalid('config', 'the file cannot be read', cause)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Given
  } catch (cause) {
    throw invalid('config', 'the file is not JSON', cause)
  }
  throw invalid('config', 'the file must hold one JSON object')
}

/**
 * Flags before the file, the file before the defaults; the environment has no say.
 * Throws `usage/invalid-argument` with the first key that is wrong.
 */
export const readConfig = async (flags: Given, file?: string): Promise<Config> => {
  const named = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  return check({ ...(file === undefined ? {} : await readJson(file)), ...named })
}
