import type { Offer, OfferAct, TermsDraft } from '@dchat/sdk'
import type { Waiting } from './shared-types.ts'

type SettleType = Exclude<
  OfferAct['type'],
  'propose' | 'counter' | 'accept' | 'decline' | 'withdraw' | 'commit' | 'reject_commit'
>

interface StepParams extends Waiting {
  /** An offer, or one version of its terms, by the beginning of its id. */
  readonly offer: string
  /** Which of several deals, by the beginning of its id. */
  readonly deal?: string
  readonly reason?: string
  readonly clientId?: string
  readonly wait?: 'queued' | 'sent'
}

/** Terms with people as the user named them. */
export type NamedTerms = Omit<TermsDraft, 'parties' | 'payment' | 'listing'> & {
  readonly parties?: readonly string[]
  readonly moderator?: string
  /** Of an own listing, by the beginning of its id: how many of which item, where it is not one of the only one. */
  readonly from?: {
    readonly listing: string
    readonly take: readonly { readonly id?: string; readonly quantity: number }[]
  }
}

export interface OfferStepView {
  readonly offer: string
  readonly event: string
  readonly type: string
  readonly message: string
}

export interface OfferView {
  readonly offer: Offer
  /** The version of the terms that the id named, if it named one. */
  readonly head?: string
  /** Contact names of those who have a part in it. */
  readonly names: Readonly<Record<string, string>>
}

export interface OfferCalls {
  'offer.make': {
    params: Omit<StepParams, 'offer' | 'deal' | 'reason'> & { readonly chat: string; readonly terms: NamedTerms }
    result: OfferStepView
  }
  'offer.counter': { params: StepParams & { readonly terms: NamedTerms }; result: OfferStepView }
  'offer.answer': {
    params: StepParams & { readonly answer: 'accept' | 'decline' | 'withdraw' }
    result: OfferStepView
  }
  'offer.settle': {
    params: StepParams & {
      readonly step: SettleType
      readonly note?: string
      readonly uri?: string
      readonly reference?: string
      readonly outcome?: 'release' | 'refund' | 'split'
    }
    result: OfferStepView
  }
  'offer.show': { params: Waiting & { readonly offer: string; readonly offline?: boolean }; result: OfferView }
  /** `file` in base64. */
  'offer.receipt': {
    params: Waiting & { readonly offer: string; readonly deal?: string; readonly offline?: boolean }
    result: { readonly offer: string; readonly file: string }
  }
}

export interface OfferStreams {
  'offer.list': {
    params: Waiting & {
      readonly chat?: string
      readonly state?: Offer['state']
      readonly limit?: number
      readonly offline?: boolean
    }
    item: OfferView
  }
}
