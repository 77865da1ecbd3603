import type { Message } from '../../records/message.ts'
import type { ClientEvent } from '../client.ts'
import type { ActionOutcome } from '../core.ts'

/** What is told once the transaction has committed. */
export interface Told {
  readonly messages: Message[]
  readonly events: ClientEvent[]
  readonly acted: ActionOutcome[]
  /** Others' messages came: a report is due. */
  report: boolean
}
