import type { Listings } from '../api/listings.ts'
import type { Desk } from './desk.ts'
import { listStream } from './streams.ts'

export const sharedListings = (desk: Desk, key: () => string): Listings => ({
  create: (draft, options) => desk.call('listings.create', [draft, { clientId: key(), ...options }]),
  edit: (id, changes) => desk.call('listings.edit', [id, changes]),
  close: (id) => desk.call('listings.close', [id]),
  handOver: (id, device) => desk.call('listings.handOver', [id, device]),
  takeOver: (id, options = {}) => desk.call('listings.takeOver', [id, options]),
  get: (id) => desk.call('listings.get', [id]),
  of: (offer) => desk.call('listings.of', [offer]),
  list: () => desk.call('listings.list', []),
  stream: (options = {}) => listStream(desk, 'listings.stream', [], ({ id }) => id, options),
  terms: (id, offer = {}) => desk.call('listings.terms', [id, offer]),
})
