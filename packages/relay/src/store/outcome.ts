import { isDchatError } from '@dchat/sdk/wire'
import type { Outcome, Write, Writes, WriteType } from './store.ts'

/** How a store applies each kind of write. A `DchatError` is thrown before anything was changed. */
export type Appliers = { readonly [T in WriteType]: (write: Writes[T]['write']) => Writes[T]['result'] }

/** Applies one write; a refusal becomes its outcome, any other failure is the whole batch's. */
export const applyWrite = (appliers: Appliers, write: Write): Outcome => {
  try {
    const apply = appliers[write.type] as (write: Write) => Writes[WriteType]['result']
    return { ok: true, result: apply(write) }
  } catch (error) {
    if (isDchatError(error)) return { ok: false, error }
    throw error
  }
}
