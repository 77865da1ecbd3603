import type { ErrorRow } from './row.ts'

/** What can go wrong with identities and their devices: the data of each code. */
export interface IdentityErrors {
  'identity/none': { profile: string }
  'identity/bad-phrase': { reason: string }
  'identity/bad-address': { reason: string }
  'identity/bad-log': { reason: string }
  'identity/frozen': { address: string }
  'identity/wrong-passphrase': Record<never, never>
  'identity/locked': { profile: string }
  'identity/device-revoked': { device: string }
  'identity/needs-phrase': Record<never, never>
  'identity/no-such-link': Record<never, never>
  'identity/wrong-link-code': Record<never, never>
  'identity/link-expired': Record<never, never>
  'identity/link-refused': Record<never, never>
  'identity/expired': Record<never, never>
  'identity/unknown-peer': { peer: string; hint: string }
  'identity/exists': { profile: string }
  'identity/not-the-same': Record<never, never>
  'identity/untrusted-key': { subject: string; reason: string }
}

export const IDENTITY_ERRORS: { readonly [C in keyof IdentityErrors]: ErrorRow<IdentityErrors[C]> } = {
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
  'identity/needs-phrase': {
    retryable: false,
    exit: 4,
    describe: () => 'This device does not hold the root key, so this takes the recovery phrase.',
    remedy: 'Give the 24 words by --phrase-file, or do it on the device on which the identity was made.',
  },
  'identity/no-such-link': {
    retryable: false,
    exit: 5,
    describe: () => 'No new device waits under this code.',
    remedy: 'Check the code and that both devices use the same relay; a code is good for ten minutes.',
  },
  'identity/wrong-link-code': {
    retryable: false,
    exit: 6,
    describe: () => 'The code was wrong, or somebody stood in between; this link is over.',
    remedy: 'Start again on the new device: it shows a new code.',
  },
  'identity/link-expired': {
    retryable: false,
    exit: 1,
    describe: () => 'The time for linking the device is over.',
    remedy: 'Start again on the new device: it shows a new code, good for ten minutes.',
  },
  'identity/link-refused': {
    retryable: false,
    exit: 1,
    describe: () => 'The other device refused to link this one.',
    remedy: 'Start again if that was not meant.',
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
  'identity/not-the-same': {
    retryable: false,
    exit: 6,
    describe: () => 'The safety numbers are not the same.',
    remedy: 'Connect both sides and compare again; if they still differ, do not trust this conversation.',
  },
  'identity/untrusted-key': {
    retryable: false,
    exit: 6,
    describe: ({ subject, reason }) => `The key of ${subject} is not to be trusted: ${reason}.`,
    remedy: 'Do not go on before you have compared safety numbers over another channel.',
  },
}
