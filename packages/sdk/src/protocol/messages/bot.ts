import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { BOT_READS, type BotCommand, type BotCommandArg, type BotManifest, type BotRead } from '../../records/bot.ts'
import type { Address } from '../../records/ids.ts'
import { type CborValue, decodeCbor, encodeCbor, statement } from '../wire/cbor.ts'
import { addressOf, MANIFEST_LIMIT } from './snapshot.ts'

/** What one manifest may hold (bots.md); characters are code points. */
const COMMANDS_LIMIT = 100
const ARGS_LIMIT = 16
const CHOICES_LIMIT = 32
const WORDS_LIMIT = 200
const ABOUT_LIMIT = 1_000
const VERSION = 1
const TYPES = ['text', 'rest', 'number', 'integer', 'choice'] as const satisfies readonly BotCommandArg['type'][]
const NAME = /^[a-z][a-z0-9_-]{0,31}$/
const ARG_NAME = /^[\p{L}\p{N}_-]{1,32}$/u

/** Control characters, and those that turn the direction of what stands around them. */
const UNSEEMLY = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u

/**
 * A manifest as it travels (bots.md): CBOR array [version, address, number, read | null, [send, react, files, members,
 * inline], commands, about | null, device key, signature]. The device signs all that stands between.
 */
export interface SignedManifest {
  readonly address: Address
  /** Grows with each change: of two that are found, the higher one is the bot's. */
  readonly number: number
  readonly manifest: BotManifest
  readonly deviceKey: Uint8Array
}

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'manifest', reason })

const must = <T>(holds: boolean, value: unknown, reason: string): T => {
  if (!holds) throw malformed(reason)
  return value as T
}

const isWords = (text: unknown, limit: number): text is string =>
  typeof text === 'string' && text.trim() !== '' && [...text].length <= limit && !UNSEEMLY.test(text)

const fieldsOf = (address: Address, number: number, manifest: BotManifest): CborValue[] => [
  address,
  number,
  manifest.read === 'all' ? null : manifest.read.map((read) => BOT_READS.indexOf(read)),
  [manifest.send, manifest.react, manifest.files, manifest.members, manifest.inline ?? false],
  manifest.commands.map(({ name, description, args = [] }) => [name, description, args.map(argValue)]),
  manifest.about ?? null,
]

const argValue = ({ name, type, optional = false, choices }: BotCommandArg): CborValue => [
  name,
  TYPES.indexOf(type),
  optional,
  choices === undefined ? null : [...choices],
]

/** Signed by one of the bot's devices. */
export const signManifest = async (
  crypto: Pick<Crypto, 'ed25519'>,
  device: { readonly seed: Uint8Array; readonly deviceKey: Uint8Array },
  address: Address,
  number: number,
  manifest: BotManifest,
): Promise<Uint8Array> => {
  const fields = fieldsOf(address, number, manifest)
  const signature = await crypto.ed25519.sign(device.seed, statement('manifest', [...fields, device.deviceKey]))
  return encodeCbor([VERSION, ...fields, device.deviceKey, signature])
}

interface Decoded extends SignedManifest {
  readonly signature: Uint8Array
}

/** Reads a manifest without a look at its signature. Throws `protocol/malformed` or `protocol/too-large`. */
export const decodeManifest = (bytes: Uint8Array): Decoded => {
  if (bytes.length > MANIFEST_LIMIT)
    throw new DchatError('protocol/too-large', { what: 'manifest', size: bytes.length, limit: MANIFEST_LIMIT })
  const value = decodeCbor(bytes, 'manifest', { items: 8_192 })
  if (!Array.isArray(value) || value.length !== 9 || value[0] !== VERSION) throw malformed('version')
  const [, address, number, read, flags, commands, about, deviceKey, signature] = value as unknown[]
  must(Number.isSafeInteger(number) && (number as number) > 0, number, 'number')
  must(deviceKey instanceof Uint8Array && deviceKey.length === 32, deviceKey, 'device key')
  must(signature instanceof Uint8Array && signature.length === 64, signature, 'signature')
  const isFlags = Array.isArray(flags) && flags.length === 5 && flags.every((flag) => typeof flag === 'boolean')
  const [send, react, files, members, inline] = must<boolean[]>(isFlags, flags, 'flags') as [
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
  ]
  must(about === null || isWords(about, ABOUT_LIMIT), about, 'about')
  const manifest: BotManifest = {
    read: read === null ? 'all' : readsOf(read),
    send,
    react,
    files,
    members,
    history: 'none',
    commands: commandsOf(commands),
    ...(inline ? { inline } : {}),
    ...(about === null ? {} : { about: about as string }),
  }
  return {
    address: addressIn(address),
    number: number as number,
    manifest,
    deviceKey: deviceKey as Uint8Array,
    signature: signature as Uint8Array,
  }
}

const addressIn = (text: unknown): Address => {
  try {
    return addressOf(text)
  } catch (cause) {
    throw new DchatError('protocol/malformed', { format: 'manifest', reason: 'address' }, { cause })
  }
}

const readsOf = (value: unknown): readonly BotRead[] => {
  const numbers = must<number[]>(Array.isArray(value) && value.length <= BOT_READS.length, value, 'scopes')
  const isRising = numbers.every((number, at) => BOT_READS[number] !== undefined && number > (numbers[at - 1] ?? -1))
  must(isRising, numbers, 'scopes')
  return numbers.map((number) => BOT_READS[number] as BotRead)
}

const commandsOf = (value: unknown): readonly BotCommand[] => {
  const items = must<unknown[]>(Array.isArray(value) && value.length <= COMMANDS_LIMIT, value, 'commands')
  const commands = items.map((item): BotCommand => {
    const [name, description, args] = must<unknown[]>(Array.isArray(item) && item.length === 3, item, 'command')
    must(typeof name === 'string' && NAME.test(name), name, 'name of a command')
    must(isWords(description, WORDS_LIMIT), description, 'description')
    const list = must<unknown[]>(Array.isArray(args) && args.length <= ARGS_LIMIT, args, 'arguments')
    return {
      name: name as string,
      description: description as string,
      ...(list.length === 0 ? {} : { args: list.map(argOf) }),
    }
  })
  must(new Set(commands.map(({ name }) => name)).size === commands.length, commands, 'two commands of one name')
  return commands
}

const argOf = (value: unknown): BotCommandArg => {
  const [name, type, optional, choices] = must<unknown[]>(Array.isArray(value) && value.length === 4, value, 'argument')
  must(typeof name === 'string' && ARG_NAME.test(name), name, 'name of an argument')
  must(typeof optional === 'boolean', optional, 'argument')
  const kind = TYPES[type as number]
  const isChoices =
    choices === null ||
    (Array.isArray(choices) && choices.length <= CHOICES_LIMIT && choices.every((choice) => isWords(choice, 64)))
  must(kind !== undefined && isChoices, value, 'argument')
  return {
    name: name as string,
    type: kind as BotCommandArg['type'],
    ...(optional ? { optional: true } : {}),
    ...(choices === null ? {} : { choices: choices as string[] }),
  }
}

/**
 * Reads a manifest and checks its signature; whether the device is the bot's is the caller's to check. Throws
 * `protocol/malformed`, `protocol/too-large` or `crypto/bad-signature`.
 */
export const openManifest = async (crypto: Pick<Crypto, 'ed25519'>, bytes: Uint8Array): Promise<SignedManifest> => {
  const { signature, ...signed } = decodeManifest(bytes)
  const fields = fieldsOf(signed.address, signed.number, signed.manifest)
  const said = statement('manifest', [...fields, signed.deviceKey])
  if (!(await crypto.ed25519.verify(signed.deviceKey, said, signature)))
    throw new DchatError('crypto/bad-signature', { what: 'manifest' })
  return signed
}
