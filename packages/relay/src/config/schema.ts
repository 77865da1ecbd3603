import { SUCCESSOR_LIMIT } from '@dchat/sdk/wire'
import { z } from 'zod'
import { LOG_LEVELS } from '../log.ts'
import { DEFAULT_LIMITS, type Limits, type Rate } from '../policy/limits.ts'

const rate = z.strictObject({ perSecond: z.number().positive(), burst: z.number().int().positive() })
const count = z.number().int().positive()

const MAXIMA: { readonly [K in keyof Limits]?: number } = { successors: SUCCESSOR_LIMIT }

type LimitSchema<V> = z.ZodOptional<V extends Rate ? typeof rate : typeof count>

/** Every key of `Limits`, each of them optional. */
const limits = z.strictObject(
  Object.fromEntries(
    Object.entries(DEFAULT_LIMITS).map(([name, value]) => [
      name,
      (typeof value === 'object'
        ? rate
        : count.max(MAXIMA[name as keyof Limits] ?? Number.MAX_SAFE_INTEGER)
      ).optional(),
    ]),
  ) as unknown as { readonly [K in keyof Limits]: LimitSchema<Limits[K]> },
)

/**
 * A relay's configuration: one table for the file, the environment, the flags, the help text and the page of the
 * documents. The names of flags and variables follow from the keys (`flagOf`, `variableOf`).
 */
export const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on; `0.0.0.0` or `::` for all'),
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(7464)
    .describe('port for links, `/healthz` and `/metrics`; 0 takes a free one'),
  data: z.string().min(1).default('./dchat-relay-data').describe('data directory, on a local disk'),
  maxBytes: count.optional().describe('bytes that the database may have; without it the disk decides'),
  publicUrl: z
    .string()
    .optional()
    .describe('`wss://` address under which clients reach the relay: for invitations, and for the self-test'),
  name: z.string().min(1).max(64).default('dchat relay').describe('shown to clients'),
  policy: z
    .enum(['open', 'invitation'])
    .default('open')
    .describe(
      '`open`, or `invitation`: identities come by an invitation or by the list, and only their devices open topics',
    ),
  invited: z.array(z.string().min(1)).default([]).describe('the list: addresses that need no invitation'),
  retentionDays: z
    .number()
    .positive()
    .max(36_500)
    .default(30)
    .describe('days for which bodies of messages, inbox items and blobs are kept'),
  commitRetentionDays: z
    .number()
    .positive()
    .max(36_500)
    .default(365)
    .describe('days for which commits and successor lists are kept, so that whoever was away can follow'),
  settleSeconds: z
    .number()
    .min(0)
    .max(3_600)
    .default(30)
    .describe('seconds after the start from a copied database in which clients give back what it lacks'),
  drainSeconds: z.number().min(0).max(600).default(10).describe('seconds that requests in work may take at SIGTERM'),
  logLevel: z.enum(LOG_LEVELS).default('info').describe('`silent`, `warn`, `info`, `debug`; to stderr'),
  tlsCert: z.string().min(1).optional().describe('PEM file of the certificate chain, for `wss://` without a proxy'),
  tlsKey: z.string().min(1).optional().describe('PEM file of its private key'),
  trustedProxies: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'proxies whose `X-Forwarded-For` counts: addresses, networks such as `10.0.0.0/8`, `loopback`, `private`',
    ),
  metrics: z
    .enum(['local', 'everyone', 'off'])
    .default('local')
    .describe('who may read `/metrics`: `local` means loopback and private networks, not through a proxy'),
  limits: limits.default({}).describe('what one client may use, by the names below; only in the file'),
})

export type Config = z.output<typeof configSchema>
export type ConfigKey = keyof Config

/** `--retention-days` */
export const flagOf = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `DCHAT_RELAY_RETENTION_DAYS` */
export const variableOf = (key: string): string =>
  `DCHAT_RELAY_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

/** What a key holds, as far as flags and variables have to know it. `file`: it can stand in the file only. */
export type Shape = 'number' | 'text' | 'list' | 'file'

export interface Setting {
  readonly key: ConfigKey
  readonly shape: Shape
  readonly description: string
  /** Undefined: none. */
  readonly initial: unknown
  readonly choices?: readonly string[]
}

const SHAPES: Readonly<Record<string, Shape>> = { number: 'number', string: 'text', enum: 'text', array: 'list' }

/** The schema as rows, in its order. */
export const SETTINGS: readonly Setting[] = Object.entries(configSchema.shape).map(([key, schema]) => {
  const type: z.ZodType = schema
  const inner = type instanceof z.ZodDefault || type instanceof z.ZodOptional ? (type.unwrap() as z.ZodType) : type
  return {
    key: key as ConfigKey,
    shape: SHAPES[inner.def.type] ?? 'file',
    description: type.description ?? inner.description ?? '',
    initial: type instanceof z.ZodDefault ? type.parse(undefined) : undefined,
    ...(inner instanceof z.ZodEnum ? { choices: inner.options.map(String) } : {}),
  }
})
