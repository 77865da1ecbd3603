import { DchatError } from '../../errors.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Core } from '../core.ts'

/**
 * Asks home relays (default: every one) for the newest own log: one that withholds it hides nothing. Resolves when all
 * have answered or failed; rejects with a reason if none answered, and with `identity/frozen`.
 */
export const refreshOwnLog = async (
  core: Core,
  { signal = core.signal, relays = core.self.relays }: Abortable & { relays?: readonly RelayUrl[] } = {},
): Promise<void> => {
  const answers = await Promise.allSettled(
    relays.map((relay) => core.directory.ask(relay, core.self.address, { signal })),
  )
  signal.throwIfAborted()
  if (core.directory.isFrozen(core.self.address))
    throw new DchatError('identity/frozen', { address: core.self.address })
  if (answers.some(({ status }) => status === 'fulfilled')) return
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
}
