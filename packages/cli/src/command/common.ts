import type { Globals } from './globals.ts'

/** How long a method may wait, by --timeout: for the confirmation as well as for any relay. */
export const patienceOf = ({ timeout }: Globals): { readonly timeout?: number; readonly patience?: number } =>
  timeout === undefined ? {} : { timeout, patience: timeout }

/** Of actions that are durable before they stand in the conversation. */
export const WAIT_OPTION = {
  type: 'text',
  placeholder: 'STATE',
  choices: ['queued', 'sent'],
  description: 'Until it is stored here, or stands in the conversation (default)',
} as const

/** The id of a message as an argument. */
export const MESSAGE_ARG = {
  description: 'The id of a message, as "dchat read --ids" shows it, or its beginning (six characters or more)',
} as const

export const GROUP_ARG = { description: 'The name of a group, its id, or the beginning of its id' } as const

export const PERSON = 'A contact name, address or invite link'

/** An offer as an argument: a version of its terms names what the user was looking at. */
export const OFFER_ARG = {
  description: 'The short id of an offer, as "dchat offer list" shows it; its terms at that id and no others are meant',
} as const

export const CLIENT_ID_OPTION = {
  type: 'text',
  placeholder: 'ID',
  description: 'The same id with the same step is the first one again',
} as const
