import { DchatError } from '@dchat/sdk/wire'
import type { Handlers } from './handler.ts'

/** The random id is the right to read: it stands inside the encryption of what names it. */
export const blobHandlers: Pick<Handlers, 'blob.get'> = {
  'blob.get': async ({ id }, { relay }) => {
    const body = await relay.store.blob(id)
    if (!body) throw new DchatError('relay/unknown-blob', {})
    return { body }
  },
}
