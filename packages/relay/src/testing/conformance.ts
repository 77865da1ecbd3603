import { identityConformance } from './conformance-identities.ts'
import { inboxConformance } from './conformance-inboxes.ts'
import { retentionConformance } from './conformance-retention.ts'
import { successorConformance } from './conformance-successors.ts'
import { topicConformance } from './conformance-topics.ts'
import type { RelayStoreFactory } from './factory.ts'

/** The contract of relay stores, as vitest suites. An adapter calls it once. */
export const relayStoreConformance = (name: string, factory: RelayStoreFactory): void => {
  topicConformance(name, factory)
  successorConformance(name, factory)
  inboxConformance(name, factory)
  identityConformance(name, factory)
  retentionConformance(name, factory)
}
