/**
 * Every failure of dchat has one of these codes. The table is data: the docs page, the CLI's exit codes and
 * the tests read it, so a code cannot exist without its sentence, its remedy and its exit code.
 */

import { IDENTITY_ERRORS, type IdentityErrors } from './errors/identity.ts'
import { OFFER_ERRORS, type OfferErrors } from './errors/offers.ts'
import { RELAY_ERRORS, type RelayErrors } from './errors/relay.ts'
import type { ErrorRow } from './errors/row.ts'
import { WEBHOOK_ERRORS, type WebhookErrors } from './errors/webhooks.ts'

export type { ErrorRow } from './errors/row.ts'

/** The data that travels with each code. No plaintext, key or address of a stranger ever stands in it. */
export interface ErrorCodes extends IdentityErrors, RelayErrors, OfferErrors, WebhookErrors {
  'usage/invalid-argument': { name: string; reason: string }
  'usage/closed': { what: string }
  'usage/next-twice': { handler: number }
  'usage/partial': { failed: number; total: number }
  'storage/unavailable': { store: string; reason: string }
  'storage/full': { store: string }
  'storage/in-use': { store: string; owner: string }
  'storage/corrupt': { store: string; reason: string }
  'storage/evicted': { store: string }
  'storage/newer-schema': { found: number; supported: number }
  'backup/damaged': { reason: string }
  'backup/incomplete': { store: string }
  'backup/older-than-archive': Record<never, never>
  'protocol/malformed': { format: string; reason: string }
  'protocol/unsupported-version': { found: readonly number[]; supported: readonly number[] }
  'protocol/too-large': { what: string; size: number; limit: number }
  'crypto/bad-signature': { what: string }
  'crypto/cannot-decrypt': { epoch: number; reason: string }
  'crypto/out-of-memory': { mebibytes: number }
  'conversation/unknown': { conversation: string }
  'conversation/not-member': { conversation: string }
  'conversation/not-permitted': { reason: string }
  'conversation/blocked': { conversation: string }
  'conversation/awaits-approval': { conversation: string }
  'conversation/only-hub': { conversation: string; relay: string; reason: string }
  'conversation/void': { reason: string }
  'message/unknown': { messageId: string }
  'message/not-permitted': { reason: string }
  'message/client-id-reused': { clientId: string }
  'internal/unexpected': { what: string }
}

export type ErrorCode = keyof ErrorCodes

/** What the table says about one code. `exit` is the CLI's exit code (reference: docs/errors.md). */
export type ErrorInfo<C extends ErrorCode = ErrorCode> = ErrorRow<ErrorCodes[C]>

export const ERRORS: { readonly [C in ErrorCode]: ErrorInfo<C> } = {
  'usage/invalid-argument': {
    retryable: false,
    exit: 2,
    describe: ({ name, reason }) => `The argument "${name}" is not valid: ${reason}.`,
    remedy: 'Correct the argument; the help text shows an example.',
  },
  'usage/closed': {
    retryable: false,
    exit: 2,
    describe: ({ what }) => `This ${what} was closed.`,
    remedy: 'Open it again before you use it.',
  },
  'usage/next-twice': {
    retryable: false,
    exit: 2,
    describe: ({ handler }) => `Handler ${handler} of the bot called next() twice.`,
    remedy: 'Call next() at most once in each handler, and await it.',
  },
  'usage/partial': {
    retryable: false,
    exit: 9,
    describe: ({ failed, total }) => `${failed} of ${total} failed.`,
    remedy: 'Look at the failed results and run the command again with the same input.',
  },
  ...IDENTITY_ERRORS,
  'storage/unavailable': {
    retryable: true,
    exit: 1,
    describe: ({ store, reason }) => `The store ${store} cannot be used: ${reason}.`,
    remedy: 'Check that the folder exists and that you may write to it.',
  },
  'storage/full': {
    retryable: true,
    exit: 1,
    describe: ({ store }) => `The disk of ${store} is full; nothing was changed.`,
    remedy: 'Free some space and try again.',
  },
  'storage/in-use': {
    retryable: true,
    exit: 10,
    describe: ({ store, owner }) => `The store ${store} is in use by ${owner}.`,
    remedy: 'Close the other program, or leave out --no-daemon so that this command works through it.',
  },
  'storage/corrupt': {
    retryable: false,
    exit: 1,
    describe: ({ store, reason }) => `The store ${store} is damaged: ${reason}.`,
    remedy: 'Keep a copy of the folder, then restore from the recovery phrase into a new profile.',
  },
  'storage/evicted': {
    retryable: false,
    exit: 1,
    describe: ({ store }) => `The browser deleted the store ${store}.`,
    remedy: 'Restore from the recovery phrase, and allow this site to keep its data for good.',
  },
  'storage/newer-schema': {
    retryable: false,
    exit: 1,
    describe: ({ found, supported }) =>
      `The store was written by a newer version (schema ${found}; this version knows ${supported}).`,
    remedy: 'Update dchat; the store was not touched.',
  },
  'backup/damaged': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `This backup cannot be used: ${reason}.`,
    remedy: 'Use another copy of the file; nothing of this one came into use.',
  },
  'backup/incomplete': {
    retryable: false,
    exit: 4,
    describe: ({ store }) => `A backup was not read to its end into ${store}.`,
    remedy: 'Run "dchat import" again with the same file: it goes on where it stopped. Or delete the profile.',
  },
  'backup/older-than-archive': {
    retryable: false,
    exit: 1,
    describe: () => 'The archive at the home relays is sealed with keys that came after this backup was made.',
    remedy: 'The recovery phrase opens it, on another device or in another profile. "dchat restore" takes it.',
  },
  ...RELAY_ERRORS,
  'protocol/malformed': {
    retryable: false,
    exit: 1,
    describe: ({ format, reason }) => `Malformed ${format}: ${reason}.`,
    remedy: 'The data was ignored; nothing was changed.',
  },
  'protocol/unsupported-version': {
    retryable: false,
    exit: 1,
    describe: ({ found, supported }) =>
      `Version ${found.join(', ')} is not supported (this program knows ${supported.join(', ')}).`,
    remedy: 'Update the older of the two programs.',
  },
  'protocol/too-large': {
    retryable: false,
    exit: 1,
    describe: ({ what, size, limit }) => `The ${what} has ${size} bytes; the limit is ${limit}.`,
    remedy: 'Send it in smaller parts.',
  },
  'crypto/bad-signature': {
    retryable: false,
    exit: 1,
    describe: ({ what }) => `The signature of the ${what} does not verify.`,
    remedy: 'The data was ignored; ask the sender to send it again.',
  },
  'crypto/cannot-decrypt': {
    retryable: true,
    exit: 1,
    describe: ({ epoch, reason }) => `This cannot be decrypted (epoch ${epoch}): ${reason}.`,
    remedy: 'The device asks the others to let it rejoin by itself.',
  },
  'crypto/out-of-memory': {
    retryable: true,
    exit: 1,
    describe: ({ mebibytes }) => `This device does not have the ${mebibytes} MiB that the passphrase asks for.`,
    remedy: 'Close other programs or tabs and try again.',
  },
  'conversation/unknown': {
    retryable: false,
    exit: 5,
    describe: ({ conversation }) => `There is no conversation "${conversation}".`,
    remedy: 'List conversations with "dchat chats list".',
  },
  'conversation/not-member': {
    retryable: false,
    exit: 1,
    describe: () => 'This device is not a member of the conversation.',
    remedy: 'Wait until another member has let this device in again.',
  },
  'conversation/not-permitted': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `This change of the conversation is not allowed: ${reason}.`,
    remedy: 'Ask an owner or admin of the group; "dchat group info" shows who they are.',
  },
  'conversation/blocked': {
    retryable: false,
    exit: 1,
    describe: () => 'You blocked this person, so nothing is sent to them.',
    remedy: 'Lift it with "dchat contacts unblock" first.',
  },
  'conversation/awaits-approval': {
    retryable: true,
    exit: 8,
    describe: () => 'The change waits for the approval of an owner or admin.',
    remedy: 'Nothing needs to be done; "dchat group lift" by an owner or admin ends it.',
  },
  'conversation/only-hub': {
    retryable: false,
    exit: 1,
    describe: ({ relay, reason }) =>
      `The conversation is kept at ${relay} alone, and that relay ${reason}: nobody can move it away from there.`,
    remedy:
      'If it does not mend, go on in a new group with the same people, and let it name two relays. "dchat group create" opens one.',
  },
  'conversation/void': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `A change to a conversation breaks its rules and counts for nobody: ${reason}.`,
    remedy: 'Nothing needs to be done; honest members ignore it too.',
  },
  'message/unknown': {
    retryable: false,
    exit: 5,
    describe: () => 'There is no such message.',
    remedy: 'List messages with "dchat read".',
  },
  'message/not-permitted': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `This cannot be done to the message: ${reason}.`,
    remedy: 'Only the author edits a message, and only for a day; moderators may delete it.',
  },
  'message/client-id-reused': {
    retryable: false,
    exit: 2,
    describe: ({ clientId }) => `The client id "${clientId}" was used before for another message.`,
    remedy: 'Choose a new client id, or repeat the same message.',
  },
  ...OFFER_ERRORS,
  ...WEBHOOK_ERRORS,
  'internal/unexpected': {
    retryable: false,
    exit: 1,
    describe: ({ what }) => `Something unexpected went wrong: ${what}.`,
    remedy: 'Run it again with -v and report what it prints; this is a fault of the program.',
  },
}

export interface DchatErrorOptions {
  readonly cause?: unknown
  /** Replaces the table's remedy where the place knows better. */
  readonly hint?: string
}

/** The one error type. It is matched by name and code, so two copies of the SDK in one program agree. */
export class DchatError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'DchatError'
  readonly code: C
  readonly details: ErrorCodes[C]
  /** One sentence: what the user can do. */
  readonly hint: string

  constructor(code: C, details: ErrorCodes[C], options: DchatErrorOptions = {}) {
    const info: ErrorInfo<C> = ERRORS[code]
    super(info.describe(details), 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.details = details
    this.hint = options.hint ?? info.remedy
  }

  /** True if the same call may succeed later without a change. */
  get retryable(): boolean {
    return ERRORS[this.code].retryable
  }
}

/** True if `error` is a DchatError, and of the given code where one is named. */
export const isDchatError = <C extends ErrorCode = ErrorCode>(error: unknown, code?: C): error is DchatError<C> =>
  error instanceof Error &&
  error.name === 'DchatError' &&
  'code' in error &&
  (code === undefined || error.code === code)

/** True if it names a relay that is not to be trusted any more. */
export const isRelayFault = ({ code }: DchatError): boolean => code.startsWith('relay/') && ERRORS[code].exit === 6
