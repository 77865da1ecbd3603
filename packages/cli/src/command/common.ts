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
export const MESSAGE_ARG = { description: 'The id of a message, as "dchat read --ids" shows it' } as const

export const GROUP_ARG = { description: 'The name of a group, its id, or the beginning of its id' } as const

export const PERSON = 'A contact name, address or invite link'
