import type { ListingDraft, ListingItem, ListingStock } from '@dchat/sdk'

export interface ListingView {
  readonly id: string
  readonly version: number
  readonly state: 'open' | 'closed' | 'paused'
  /** The own device that sells it, and whether it is this one. */
  readonly device: string
  readonly here: boolean
  readonly title: string
  readonly items: readonly ListingItem[]
  readonly left: readonly ListingStock[]
  readonly text?: string
  readonly hash: string
}

interface Named {
  /** By the beginning of its id. */
  readonly listing: string
}

export interface ListingCalls {
  'listing.create': { params: { readonly draft: ListingDraft; readonly clientId?: string }; result: ListingView }
  'listing.edit': {
    params: Named & {
      readonly changes: Partial<ListingDraft>
      /** Pieces for sale, by the item's id; where there is one item, without it. */
      readonly stock?: readonly { readonly id?: string; readonly stock: number }[]
    }
    result: ListingView
  }
  'listing.show': { params: Named; result: ListingView }
  'listing.close': { params: Named; result: ListingView }
  'listing.give': { params: Named & { readonly device: string; readonly patience?: number }; result: ListingView }
  'listing.take': {
    params: Named & { readonly uncounted?: boolean; readonly timeout?: number; readonly patience?: number }
    result: ListingView
  }
}

export interface ListingStreams {
  'listing.list': { params: Record<never, never>; item: ListingView }
}
