import type { Waiting } from './shared-types.ts'

/** A relay as this profile knows it. Times are ms since 1970; `roundTrip` and `ahead` are ms. */
export interface RelayView {
  readonly relay: string
  readonly home: boolean
  readonly state: 'idle' | 'connecting' | 'ready' | 'waiting' | 'closed'
  readonly roundTrip?: number
  /** From 0 to 1. */
  readonly uptime?: number
  readonly version?: number
  readonly program?: string
  readonly ahead?: number
  readonly askedAt?: number
  readonly answeredAt?: number
  readonly problem?: string
  readonly faults: readonly string[]
}

export interface FindingView {
  readonly relay: string
  readonly code: string
  readonly message: string
  readonly seq?: number
  readonly proof: boolean
  readonly hearsay: boolean
  readonly at: number
}

export interface AuditedTopicView {
  readonly relay: string
  readonly relayKey: string
  readonly topic: string
  readonly entries: number
  readonly read: number
  readonly problem?: string
}

export interface RelayCalls {
  /** Uses an invitation; `timeout` in ms for the relay. */
  'relay.join': {
    params: { readonly invitation: string; readonly timeout?: number }
    result: { readonly relay: string }
  }
  /** `evidence` in base64. */
  audit: {
    params: Waiting & { readonly chat: string }
    result: {
      readonly conversation: string
      readonly topics: readonly AuditedTopicView[]
      readonly findings: readonly FindingView[]
      readonly evidence: string
    }
  }
}

export interface RelayStreams {
  'relay.list': { params: Waiting & { readonly offline?: boolean }; item: RelayView }
}
