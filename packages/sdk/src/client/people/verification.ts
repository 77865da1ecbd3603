import { DchatError, isDchatError } from '../../errors.ts'
import { identityFingerprint, isSameNumber, safetyNumber, safetyQr } from '../../protocol/identity/safety-number.ts'
import type { Address } from '../../records/ids.ts'
import type { SafetyNumber } from '../../records/people.ts'
import type { Core } from '../core.ts'
import { setRegister } from '../personal/registers.ts'

/** The other person's log, asked for where that is possible. Throws `identity/unknown-peer` and `identity/frozen`. */
const newestLog = async ({ directory, self, signal }: Core, address: Address, isConnected: boolean) => {
  const known = await directory.get(address)
  if (isConnected || known === undefined) {
    try {
      return await directory.lookUp(address, { hints: [], home: self.relays }, { signal })
    } catch (error) {
      if (known === undefined || !isDchatError(error) || !error.retryable) throw error
    }
  }
  if (directory.isFrozen(address)) throw new DchatError('identity/frozen', { address })
  return known
}

export const safetyNumberOf = async (core: Core, address: Address, isConnected: boolean): Promise<SafetyNumber> => {
  const log = await newestLog(core, address, isConnected)
  const digits = safetyNumber(core.self.log, log)
  return { digits, qr: safetyQr(digits) }
}

export const verifyPerson = async (
  core: Core,
  address: Address,
  compared: string | undefined,
  isConnected: boolean,
): Promise<void> => {
  const log = await newestLog(core, address, isConnected)
  if (compared !== undefined && !isSameNumber(safetyNumber(core.self.log, log), compared))
    throw new DchatError('identity/not-the-same', {})
  const value = { fingerprint: identityFingerprint(log), at: core.clock.now() }
  await core.store.write((tx) => setRegister(tx, core, 'verified', address, value))
}
