import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { PastMessage } from '../../protocol/history/message.ts'
import type { Core } from '../core.ts'
import { stepsOf, takeSteps } from '../offers/carry.ts'

/** The signed steps behind messages that are steps of offers; nothing where there are none. */
export const stepsFor = async (
  tx: StoreReader,
  messages: readonly PastMessage[],
): Promise<{ readonly steps?: readonly Uint8Array[] }> => {
  const ids = messages.filter(({ content }) => content.type === 'offer').map(({ id }) => id)
  const steps = ids.length === 0 ? [] : await stepsOf(tx, ids)
  return steps.length === 0 ? {} : { steps }
}

const nothing = async (): Promise<void> => undefined

/** Checks steps, outside a transaction; what comes back puts them where they stood. */
export const checkSteps = async (
  core: Core,
  steps: readonly Uint8Array[] | undefined,
): Promise<(tx: StoreWriter) => Promise<void>> => (steps === undefined ? nothing : takeSteps(core, steps))

const LEFT = 'steps'

/** Keeps steps that came inside a transaction, until they have been checked. */
export const leaveSteps = async (tx: StoreWriter, steps: readonly Uint8Array[] | undefined): Promise<void> => {
  if (steps === undefined) return
  const [last] = await tx.page('archive', { scope: LEFT, order: 'descending', limit: 1 })
  const position = (last?.position ?? 0) + 1
  tx.put('archive', { key: `steps/${position}`, scope: LEFT, position, value: steps })
}

export const takeLeftSteps = async (core: Core): Promise<void> => {
  const rows = await core.store.read((tx) => tx.page<readonly Uint8Array[]>('archive', { scope: LEFT, limit: 1_000 }))
  for (const { key, value } of rows) {
    const put = await checkSteps(core, value)
    await core.store.write(async (tx) => {
      await put(tx)
      tx.delete('archive', key)
    })
  }
}
