import type { Address } from '../../records/ids.ts'
import { listingAsked, listingTold } from '../listings/lease.ts'
import { ownProfileChanged } from '../people/profile-changed.ts'
import { consentChanged } from '../people/set-consent.ts'
import type { Reaction } from './reaction.ts'
import { readElsewhere } from './read-elsewhere.ts'
import type { RegisterKind } from './registers.ts'

/** What each kind of register leads to here when it comes from another own device. */
export const REACTIONS: Partial<Readonly<Record<RegisterKind, Reaction>>> = {
  'listing-ask': listingAsked,
  'listing-deals': listingTold,
  listing: listingTold,
  consent: (tx, core, address) => consentChanged(tx, core, address as Address),
  profile: ownProfileChanged,
  read: readElsewhere,
}
