import type { ErrorRow } from './row.ts'

/** What can go wrong with webhooks of bots: the data of each code. */
export interface WebhookErrors {
  'webhook/bad-signature': { id: string }
  'webhook/stale': { id: string }
  'webhook/forbidden-target': { host: string; reason: string }
  'webhook/bad-answer': { endpoint: string; reason: string }
  'webhook/disabled': { endpoint: string; reason: string }
}

export const WEBHOOK_ERRORS: { readonly [C in keyof WebhookErrors]: ErrorRow<WebhookErrors[C]> } = {
  'webhook/bad-signature': {
    retryable: false,
    exit: 1,
    describe: ({ id }) => `The signature of the webhook "${id}" does not verify.`,
    remedy: 'Answer with 401; check the secret.',
  },
  'webhook/stale': {
    retryable: false,
    exit: 1,
    describe: ({ id }) => `The webhook "${id}" was signed too long ago or too early.`,
    remedy: 'Answer with 401; check the clocks.',
  },
  'webhook/forbidden-target': {
    retryable: false,
    exit: 2,
    describe: ({ host, reason }) => `Webhooks do not go to ${host}: ${reason}.`,
    remedy: 'Use a public https address, or allow this one.',
  },
  'webhook/bad-answer': {
    retryable: false,
    exit: 1,
    describe: ({ endpoint, reason }) => `The webhook "${endpoint}" gave no valid answer: ${reason}.`,
    remedy: 'Correct the program behind it.',
  },
  'webhook/disabled': {
    retryable: false,
    exit: 1,
    describe: ({ endpoint, reason }) => `The webhook "${endpoint}" is disabled: ${reason}.`,
    remedy: 'Enable it again first.',
  },
}
