export { default as DealsView } from './DealsView.svelte'
export { default as MakeOffer } from './MakeOffer.svelte'
export { default as OfferMessage } from './OfferMessage.svelte'
