/** What others do at the moment, what should notify, and what a person chose for all of its devices, as plain JSON. */

export const SIGNAL_TYPES = ['typing', 'presence', 'notification'] as const
export type SignalType = (typeof SIGNAL_TYPES)[number]

export type SignalView =
  | {
      readonly type: 'typing'
      readonly chat: string
      readonly from: string
      /** The local contact name, if any. */
      readonly name?: string
      /** False: it is over. */
      readonly typing: boolean
    }
  | {
      readonly type: 'presence'
      readonly from: string
      readonly name?: string
      readonly online: boolean
      /** Where somebody went: when they were heard last. */
      readonly lastSeen?: number
    }
  | {
      readonly type: 'notification'
      /** `cleared`: what notified in the conversation was read, here or on another device. */
      readonly kind: 'message' | 'request' | 'cleared'
      readonly chat: string
      readonly message?: string
      readonly from?: string
      readonly title?: string
      readonly preview?: string
      readonly mention?: boolean
    }

/** Names as in the SDK. */
export interface SettingsView {
  readonly typing: boolean
  readonly presence: boolean
  readonly reports: 'always' | 'small' | 'never'
  readonly strangers: 'ask' | 'allow'
  readonly archiveBodies: boolean
  readonly notify: 'all' | 'mentions' | 'none'
}

export interface SignalCalls {
  /** Shows the other side for 5 s that this person types. Nothing happens where that is turned off. */
  typing: { params: { readonly chat: string; readonly patience?: number }; result: { readonly chat: string } }
  'config.get': { params: Record<never, never>; result: SettingsView }
  'config.set': { params: Partial<SettingsView>; result: SettingsView }
}

export interface SignalStreams {
  'listen.signals': {
    params: { readonly chat?: string; readonly types: readonly SignalType[] }
    item: SignalView
  }
}
