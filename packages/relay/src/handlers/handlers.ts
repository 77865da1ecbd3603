import type { Method, Params, Result } from '@dchat/sdk/wire'
import type { Link } from '../link/link.ts'
import { archiveHandlers } from './archive.ts'
import { blobHandlers } from './blobs.ts'
import { identityHandlers } from './identity.ts'
import { inboxHandlers } from './inboxes.ts'
import { infoHandlers } from './info.ts'
import { keyHandlers } from './keys.ts'
import { proofHandlers } from './proofs.ts'
import { signalHandlers } from './signals.ts'
import { topicHandlers } from './topics.ts'

/** Answers a request. What is charged and queued is so before the first await, so a connection's writes keep their order. */
export type Handlers = { readonly [M in Method]: (params: Params<M>, link: Link) => Promise<Result<M>> }

export const HANDLERS: Handlers = {
  ...infoHandlers,
  ...proofHandlers,
  ...identityHandlers,
  ...keyHandlers,
  ...topicHandlers,
  ...blobHandlers,
  ...inboxHandlers,
  ...archiveHandlers,
  ...signalHandlers,
}
