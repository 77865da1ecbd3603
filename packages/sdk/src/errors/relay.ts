import type { ErrorRow } from './row.ts'

/** A lie of a relay: nothing of it was taken over, and what is known of it is kept. */
const lie = <D extends { relay: string }>(what: (details: D) => string): ErrorRow<D> => ({
  retryable: false,
  exit: 6,
  describe: (details) => `The relay ${details.relay} ${what(details)}.`,
  remedy: 'Look at it with "dchat audit", and use another relay.',
})

/** What can go wrong on the way to a relay, and at one: the data of each code. */
export interface RelayErrors {
  'transport/unreachable': { relay: string; reason: string }
  'transport/rate-limited': { retryAfter: number }
  'transport/unconfirmed': { waited: number }
  'transport/rejected': { relay: string; reason: string }
  'relay/equivocation': { relay: string; topic: string; seq: number }
  'relay/bad-receipt': { relay: string; reason: string }
  'relay/missing-entry': { relay: string; topic: string; seq: number }
  'relay/repeated-entry': { relay: string; topic: string; seq: number }
  'relay/changed-entry': { relay: string; topic: string; seq: number }
  'relay/time-backwards': { relay: string; topic: string; seq: number }
  'relay/withheld': { relay: string; topic: string; seq: number }
  'relay/false-key-package': { relay: string }
  'relay/stale-identity-log': { relay: string }
  'relay/wrong-epoch': { topic: string; epoch: number }
  'relay/lost-entries': { topic: string; seq: number; known: number }
  'relay/unknown-topic': { topic: string }
  'relay/unknown-blob': Record<never, never>
  'relay/not-permitted': { what: string }
  'relay/not-invited': { reason: string }
  'relay/no-home': { relay: string }
  'relay/conflict': { what: string }
  'relay/quota': { what: string; limit: number }
}

export const RELAY_ERRORS: { readonly [C in keyof RelayErrors]: ErrorRow<RelayErrors[C]> } = {
  'transport/unreachable': {
    retryable: true,
    exit: 3,
    describe: ({ relay, reason }) => `The relay ${relay} cannot be reached: ${reason}.`,
    remedy: 'Check the address and the network; "dchat relay doctor" finds out where it fails.',
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
  'relay/missing-entry': lie(({ seq }) => `left out entry ${seq}`),
  'relay/repeated-entry': lie(({ seq }) => `gave entry ${seq} again`),
  'relay/changed-entry': lie(({ seq }) => `gave another entry ${seq} than it signed`),
  'relay/time-backwards': lie(({ seq }) => `dated entry ${seq} before the one that it follows`),
  'relay/withheld': lie(({ seq }) => `does not deliver entry ${seq}, which it said it has`),
  'relay/false-key-package': lie(() => 'gave a key package of a device that its own log of the person does not know'),
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
  'relay/lost-entries': {
    retryable: true,
    exit: 1,
    describe: ({ seq, known }) => `The relay has lost entries: it holds ${seq} of ${known}.`,
    remedy: 'The devices give back what they hold by themselves.',
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
  'relay/not-invited': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `The relay takes people by invitation: ${reason}.`,
    remedy: 'Ask its operator for an invitation; "dchat relay join" uses it.',
  },
  'relay/no-home': {
    retryable: true,
    exit: 3,
    describe: ({ relay }) => `No home relay of this identity answers, not even ${relay}.`,
    remedy: 'Try again later. If they are gone for good, say so and name another one: "dchat relay use URL --lost".',
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
}
