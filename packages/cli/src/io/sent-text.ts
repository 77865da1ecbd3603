import type { MessageView } from '../methods/types.ts'

const STATES: Readonly<Record<string, string>> = {
  queued: 'Queued',
  sending: 'Queued',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
}

/** What people see of an own message that was taken in. */
export const sentText = ({ id, state }: MessageView): string => `${STATES[state] ?? state}  ${id}`
