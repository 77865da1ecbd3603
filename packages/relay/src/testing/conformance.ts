import { identityConformance } from './conformance-identities.ts'
import { inboxConformance } from './conformance-inboxes.ts'
import { invitationConformance } from './conformance-invitations.ts'
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
  invitationConformance(name, factory)
  retentionConformance(name, factory)
}
