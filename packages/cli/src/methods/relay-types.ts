import type { Waiting } from './shared-types.ts'

/** A relay as this profile knows it. Times are ms since 1970; `roundTrip` and `ahead` are ms. */
export interface RelayView {
  readonly relay: string
  readonly home: boolean
  /** A former home relay whose inbox is still read. */
  readonly left?: boolean
  /** A home relay that takes people by invitation and refused this one. */
  readonly uninvited?: boolean
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

/** `lost`: no home relay answers, and none will. */
export interface ChangeHome {
  readonly relay: string
  readonly lost?: boolean
  readonly phrase?: string
  /** ms for any relay. */
  readonly patience?: number
}

export interface HomeView {
  /** The first one first. */
  readonly relays: readonly string[]
}

export interface RelayCalls {
  /** Uses an invitation; `timeout` in ms for the relay. */
  'relay.join': {
    params: { readonly invitation: string; readonly timeout?: number }
    result: { readonly relay: string }
  }
  'relay.add': { params: ChangeHome; result: HomeView }
  'relay.remove': { params: ChangeHome; result: HomeView }
  'relay.use': { params: ChangeHome; result: HomeView }
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
