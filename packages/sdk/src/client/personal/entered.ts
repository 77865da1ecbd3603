import type { StoreWriter } from '../../domain/store/store.ts'
import { activeDevices } from '../../protocol/identity/log.ts'
import type { Core } from '../core.ts'
import { addJob, putJob } from '../jobs.ts'

/** meta: a self-conversation that this device came into and has said nothing in yet. */
export const ENTERED = 'self-entered'

/** meta: what this device asked in the self-conversation, until all of the answer is here. */
export const ASKED = 'self-asked'

export interface EnteredRecord {
  readonly room: string
  /** It came with the room's first commit: it misses nothing that was said there. */
  readonly first: boolean
}

/** This device came into a self-conversation: what it holds is told there (personal.md). */
export const enteredSelf = async (
  tx: StoreWriter,
  { room, seq }: { readonly room: string; readonly seq: number },
  now: number,
): Promise<void> => {
  tx.put('meta', { key: ENTERED, value: { room, first: seq === 1 } satisfies EnteredRecord })
  await putJob(tx, 'open-self', { kind: 'open-self' }, now)
}

/** Where a person has several devices, they need a conversation of their own. */
export const planSelf = async ({ store, self, directory, clock }: Core): Promise<void> => {
  const log = directory.peek(self.address) ?? self.log
  if (activeDevices(log).length > 1) await addJob(store, 'open-self', { kind: 'open-self' }, clock.now())
}
