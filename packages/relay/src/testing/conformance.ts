import type { Store } from '../store/store.ts'
import { identityConformance } from './conformance-identities.ts'
import { inboxConformance } from './conformance-inboxes.ts'
import { retentionConformance } from './conformance-retention.ts'
import { topicConformance } from './conformance-topics.ts'

/** How a suite gets at a store. Each `open` is a new, empty one. */
export interface RelayStoreFactory {
  open(): Promise<Store>
  /** The same content through a new handle; what was committed on the old one must be there. */
  reopen(store: Store): Promise<Store>
  /** The same, as after a crash: the old handle was never closed. Left out by stores that cannot be abandoned in-process. */
  crash?(store: Store): Promise<Store>
}

/** The contract of relay stores, as vitest suites. An adapter calls it once. */
export const relayStoreConformance = (name: string, factory: RelayStoreFactory): void => {
  topicConformance(name, factory)
  inboxConformance(name, factory)
  identityConformance(name, factory)
  retentionConformance(name, factory)
}
