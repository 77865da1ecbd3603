import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { Address } from '../../records/ids.ts'
import type { Effect, Work } from '../rooms/work.ts'
import { isBlocked } from './consent.ts'

/** Whether an effect comes from somebody who is blocked; looked up once for each author of a batch. */
export const blockedAuthors = (tx: StoreReader): ((effect: Effect) => Promise<boolean>) => {
  const known = new Map<Address, boolean>()
  return async (effect) => {
    if (!('from' in effect)) return false
    const blocked = known.get(effect.from) ?? (await isBlocked(tx, effect.from))
    known.set(effect.from, blocked)
    return blocked
  }
}

/**
 * What a blocked person says in a direct message is not kept, nor are its reactions anywhere; a deal goes on as its
 * order says, seen or not. True if nothing is left to do.
 */
export const dropBlocked = async (tx: StoreWriter, { control }: Work, effect: Effect): Promise<boolean> => {
  const isDm = control.snapshot.kind === 'dm'
  if (effect.kind === 'message' && isDm) await effect.offer?.(tx)
  return isDm || (effect.kind === 'action' && (effect.action.type === 'react' || effect.action.type === 'press'))
}
