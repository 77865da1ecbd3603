/**
 * Every failure of dchat has one of these codes. The table is data: the docs page, the CLI's exit codes and
 * the tests read it, so a code cannot exist without its sentence, its remedy and its exit code.
 */

/** The data that travels with each code. No plaintext, key or address of a stranger ever stands in it. */
export interface ErrorCodes {
  'usage/invalid-argument': { name: string; reason: string }
  'usage/closed': { what: string }
  'usage/partial': { failed: number; total: number }
  'identity/none': { profile: string }
  'identity/bad-phrase': { reason: string }
  'identity/bad-address': { reason: string }
  'identity/bad-log': { reason: string }
  'identity/frozen': { address: string }
  'identity/wrong-passphrase': Record<never, never>
  'identity/locked': { profile: string }
  'identity/device-revoked': { device: string }
  'identity/expired': Record<never, never>
  'identity/unknown-peer': { peer: string; hint: string }
  'identity/exists': { profile: string }
  'identity/untrusted-key': { subject: string; reason: string }
  'storage/unavailable': { store: string; reason: string }
  'storage/full': { store: string }
  'storage/in-use': { store: string; owner: string }
  'storage/corrupt': { store: string; reason: string }
  'storage/evicted': { store: string }
  'storage/newer-schema': { found: number; supported: number }
  'transport/unreachable': { relay: string; reason: string }
  'transport/rate-limited': { retryAfter: number }
  'transport/unconfirmed': { waited: number }
  'transport/rejected': { relay: string; reason: string }
  'relay/equivocation': { relay: string; topic: string; seq: number }
  'relay/bad-receipt': { relay: string; reason: string }
  'relay/stale-identity-log': { relay: string }
  'relay/wrong-epoch': { topic: string; epoch: number }
  'relay/unknown-topic': { topic: string }
  'relay/unknown-blob': Record<never, never>
  'relay/not-permitted': { what: string }
  'relay/conflict': { what: string }
  'relay/quota': { what: string; limit: number }
  'protocol/malformed': { format: string; reason: string }
  'protocol/unsupported-version': { found: readonly number[]; supported: readonly number[] }
  'protocol/too-large': { what: string; size: number; limit: number }
  'crypto/bad-signature': { what: string }
  'crypto/cannot-decrypt': { epoch: number; reason: string }
  'crypto/out-of-memory': { mebibytes: number }
  'conversation/unknown': { conversation: string }
  'conversation/not-member': { conversation: string }
  'conversation/not-permitted': { reason: string }
  'conversation/void': { reason: string }
  'message/unknown': { messageId: string }
  'message/not-permitted': { reason: string }
  'message/client-id-reused': { clientId: string }
  'offer/bad-receipt': { field: string; reason: string }
  'internal/unexpected': { what: string }
}

export type ErrorCode = keyof ErrorCodes

/** What the table says about one code. `exit` is the CLI's exit code (reference: docs/errors.md). */
export interface ErrorInfo<C extends ErrorCode = ErrorCode> {
  readonly retryable: boolean
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10
  /** One sentence: what happened. */
  readonly describe: (details: ErrorCodes[C]) => string
  /** One sentence: what the user can do. */
  readonly remedy: string
}

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
  'usage/partial': {
    retryable: false,
    exit: 9,
    describe: ({ failed, total }) => `${failed} of ${total} failed.`,
    remedy: 'Look at the failed results and run the command again with the same input.',
  },
  'identity/none': {
    retryable: false,
    exit: 4,
    describe: ({ profile }) => `The profile "${profile}" has no identity yet.`,
    remedy: 'Create one with "dchat init", or bring one back with "dchat restore".',
  },
  'identity/bad-phrase': {
    retryable: false,
    exit: 4,
    describe: ({ reason }) => `This is not a recovery phrase: ${reason}.`,
    remedy: 'Check the 24 words and their order.',
  },
  'identity/bad-address': {
    retryable: false,
    exit: 2,
    describe: ({ reason }) => `This is not a dchat address or invite link: ${reason}.`,
    remedy: 'Copy the whole address (dchat1…) or invite link.',
  },
  'identity/bad-log': {
    retryable: false,
    exit: 6,
    describe: ({ reason }) => `An identity log does not verify: ${reason}.`,
    remedy: 'Ask another relay for the log, and compare safety numbers with this person.',
  },
  'identity/frozen': {
    retryable: false,
    exit: 6,
    describe: () => 'This identity has two histories that contradict each other and is frozen.',
    remedy: 'Ask the person over another channel; their recovery key can settle it.',
  },
  'identity/wrong-passphrase': {
    retryable: false,
    exit: 4,
    describe: () => 'The passphrase is wrong.',
    remedy: 'Try again; without the passphrase, restore from the recovery phrase into a new profile.',
  },
  'identity/locked': {
    retryable: false,
    exit: 4,
    describe: ({ profile }) => `The profile "${profile}" is locked by a passphrase.`,
    remedy: 'Name a file with the passphrase by --passphrase-file, or pipe it with --passphrase-file -.',
  },
  'identity/device-revoked': {
    retryable: false,
    exit: 4,
    describe: ({ device }) => `The device ${device} was revoked.`,
    remedy: 'Restore this device from the recovery phrase to use it again.',
  },
  'identity/expired': {
    retryable: false,
    exit: 4,
    describe: () => 'This identity was made for a limited time, which is over; its keys and messages are deleted.',
    remedy: 'Create a new identity.',
  },
  'identity/unknown-peer': {
    retryable: false,
    exit: 5,
    describe: ({ peer }) => `Nobody is known as "${peer}".`,
    remedy: 'Ask for an invite link: it names the relays where the person can be found.',
  },
  'identity/exists': {
    retryable: false,
    exit: 10,
    describe: ({ profile }) => `The profile "${profile}" already has an identity.`,
    remedy: 'Choose another profile with --profile, or use the identity that is there.',
  },
  'identity/untrusted-key': {
    retryable: false,
    exit: 6,
    describe: ({ subject, reason }) => `The key of ${subject} is not to be trusted: ${reason}.`,
    remedy: 'Do not go on before you have compared safety numbers over another channel.',
  },
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
  'transport/unreachable': {
    retryable: true,
    exit: 3,
    describe: ({ relay, reason }) => `The relay ${relay} cannot be reached: ${reason}.`,
    remedy: 'Check the address and the network; "dchat relay ping" tries it again.',
  },
  'transport/rate-limited': {
    retryable: true,
    exit: 7,
    describe: ({ retryAfter }) => `The relay asks for a pause of ${retryAfter} ms.`,
    remedy: 'Wait and try again; queued messages are sent by themselves.',
  },
  'transport/unconfirmed': {
    retryable: true,
    exit: 8,
    describe: ({ waited }) => `No confirmation came within ${waited} ms.`,
    remedy:
      'A message is safe in the outbox: run "dchat listen", or send it again with the same client id; it arrives once.',
  },
  'transport/rejected': {
    retryable: false,
    exit: 1,
    describe: ({ relay, reason }) => `The relay ${relay} refused: ${reason}.`,
    remedy: 'Use another relay, or ask its operator.',
  },
  'relay/equivocation': {
    retryable: false,
    exit: 6,
    describe: ({ relay, seq }) => `The relay ${relay} signed two different entries for one place (${seq}).`,
    remedy: 'Keep the proof that was stored and move the conversation to another relay.',
  },
  'relay/bad-receipt': {
    retryable: false,
    exit: 6,
    describe: ({ relay, reason }) => `A receipt of the relay ${relay} does not verify: ${reason}.`,
    remedy: 'Do not trust this relay; use another one.',
  },
  'relay/stale-identity-log': {
    retryable: false,
    exit: 6,
    describe: ({ relay }) => `The relay ${relay} served an older identity log than one already seen.`,
    remedy: 'Ask another relay for the log.',
  },
  'relay/wrong-epoch': {
    retryable: true,
    exit: 1,
    describe: ({ epoch }) => `The conversation has moved on to epoch ${epoch}.`,
    remedy: 'The client reads the newer entries and tries again by itself.',
  },
  'relay/unknown-topic': {
    retryable: false,
    exit: 5,
    describe: () => 'The relay does not hold this conversation.',
    remedy: 'Check that this is the relay on which the conversation was opened.',
  },
  'relay/unknown-blob': {
    retryable: false,
    exit: 5,
    describe: () => 'The relay does not hold this attachment of a change, or holds it no longer.',
    remedy: 'Ask another member: the device rejoins by itself.',
  },
  'relay/not-permitted': {
    retryable: false,
    exit: 1,
    describe: ({ what }) => `The relay does not permit this: ${what}.`,
    remedy: 'Prove possession of the key that the operation asks for.',
  },
  'relay/conflict': {
    retryable: false,
    exit: 1,
    describe: ({ what }) => `The relay holds something else under the same name: ${what}.`,
    remedy: 'Read what is there, then decide again.',
  },
  'relay/quota': {
    retryable: false,
    exit: 7,
    describe: ({ what, limit }) => `The relay's limit for ${what} is ${limit}.`,
    remedy: 'Use another relay, or ask its operator for more.',
  },
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
  'offer/bad-receipt': {
    retryable: false,
    exit: 6,
    describe: ({ field, reason }) => `The receipt of an offer does not hold: ${field}: ${reason}.`,
    remedy: 'Ask the other party for theirs; somebody changed this one, or a relay signed what it must not.',
  },
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
