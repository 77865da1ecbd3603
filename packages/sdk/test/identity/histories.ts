import { appendEntry, createLog, verifyLog } from '../../src/protocol/identity/log.ts'
import { type EntryBody, XWING_KEY_LENGTH } from '../../src/protocol/identity/log-entry.ts'
import type { IdentityLog } from '../../src/protocol/identity/log-state.ts'
import { type SigningKey, signingKeyOf } from '../../src/protocol/identity/signing.ts'
import { utf8 } from '../../src/util/bytes.ts'
import { sha256 } from '../../src/util/hash.ts'

export const seedOf = (name: string): Uint8Array => sha256(utf8(name))
export const keyOf = (name: string): SigningKey => signingKeyOf(seedOf(name))
/** Nothing in a log depends on what an X-Wing key is, only on its length. */
export const xwing = (name: string): Uint8Array => {
  const out = new Uint8Array(XWING_KEY_LENGTH)
  for (let i = 0; i < 38; i++) out.set(sha256(utf8(`${name}/${i}`)), i * 32)
  return out
}
export const deviceKey = (name: string): Uint8Array => keyOf(`device/${name}`).publicKey

export const addDevice = (name: string): EntryBody => ({
  kind: 'add-device',
  deviceKey: deviceKey(name),
  introKey: xwing(name),
  name,
  at: 1_700_000_000_000,
})
export const revokeDevice = (name: string): EntryBody => ({ kind: 'revoke-device', deviceKey: deviceKey(name) })
export const setRelays = (...relays: string[]): EntryBody => ({
  kind: 'set-relays',
  relays,
  archiveKey: xwing('archive'),
})

export interface Step {
  readonly body: EntryBody
  readonly by?: 'root' | 'recovery'
}

/** An owner with keys: grows verified logs from any earlier state. */
export interface Owner {
  readonly root: SigningKey
  readonly recovery: SigningKey
}

export const owner = (name: string): Owner => ({ root: keyOf(`${name}/root`), recovery: keyOf(`${name}/recovery`) })

export const genesisLog = (keys: Owner): IdentityLog => verifyLog(createLog(keys))

export const grow = (log: IdentityLog, keys: Owner, ...steps: readonly (EntryBody | Step)[]): IdentityLog =>
  steps.reduce<IdentityLog>((current, step) => {
    const { body, by = 'root' } = 'body' in step ? step : { body: step }
    return verifyLog(appendEntry(current, body, { role: by, secretKey: keys[by].secretKey }), { known: current })
  }, log)
