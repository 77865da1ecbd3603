import type { MessageView } from './message-types.ts'
import type { Waiting } from './shared-types.ts'

export interface ActionWaiting extends Waiting {
  readonly wait?: 'queued' | 'sent'
}

/** What was done to a message; `id` is the action's own, absent if there was nothing to do. */
export interface ActionView {
  readonly message: string
  readonly id?: string
}

/** Messages by id, or by the beginning of it; what is not known here is looked for at the relays first. */
export interface ActionCalls {
  react: {
    params: ActionWaiting & { readonly message: string; readonly emoji: string; readonly off?: boolean }
    result: ActionView
  }
  /** `button`: its number, from 1 over all rows, or its callback. */
  press: {
    params: Waiting & {
      readonly message: string
      readonly button: string
      readonly wait?: 'queued' | 'sent' | 'answered'
    }
    result: ActionView & {
      readonly callback: string
      readonly answer?: { readonly text: string; readonly alert: boolean }
    }
  }
  edit: {
    params: ActionWaiting & { readonly message: string; readonly text: string; readonly format?: 'text' | 'markdown' }
    result: ActionView
  }
  delete: { params: ActionWaiting & { readonly message: string }; result: ActionView }
  pin: { params: Waiting & { readonly message: string; readonly off?: boolean }; result: ActionView }
  forward: {
    params: Waiting & {
      readonly message: string
      readonly to: string
      readonly clientId?: string
      readonly wait?: 'queued' | 'sent' | 'delivered'
    }
    result: MessageView
  }
}
