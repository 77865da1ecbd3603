import { archiveHandlers } from './archive.ts'
import { blobHandlers } from './blobs.ts'
import type { Handlers } from './handler.ts'
import { identityHandlers } from './identity.ts'
import { inboxHandlers } from './inboxes.ts'
import { infoHandlers } from './info.ts'
import { keyHandlers } from './keys.ts'
import { proofHandlers } from './proofs.ts'
import { rendezvousHandlers } from './rendezvous.ts'
import { signalHandlers } from './signals.ts'
import { successorHandlers } from './successors.ts'
import { topicHandlers } from './topics.ts'

/** Every method of the link. */
export const HANDLERS: Handlers = {
  ...infoHandlers,
  ...proofHandlers,
  ...identityHandlers,
  ...keyHandlers,
  ...topicHandlers,
  ...successorHandlers,
  ...blobHandlers,
  ...inboxHandlers,
  ...archiveHandlers,
  ...signalHandlers,
  ...rendezvousHandlers,
}
