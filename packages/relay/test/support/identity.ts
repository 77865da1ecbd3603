import { appendEntry, createLog, verifyLog } from '../../../sdk/src/protocol/identity/log.ts'
import { type EntryBody, XWING_KEY_LENGTH } from '../../../sdk/src/protocol/identity/log-entry.ts'
import { signingKeyOf } from '../../../sdk/src/protocol/identity/signing.ts'
import { testCrypto } from './crypto.ts'

/** A person with keys and devices; the relay sees only the log. */
export const testIdentity = () => {
  const [root, recovery, nextRoot] = [0, 1, 2].map(() => signingKeyOf(testCrypto.random(32))) as [
    ReturnType<typeof signingKeyOf>,
    ReturnType<typeof signingKeyOf>,
    ReturnType<typeof signingKeyOf>,
  ]
  const genesis = createLog({ root, recovery })
  const grow = (log: readonly Uint8Array[], body: EntryBody, by: 'root' | 'recovery' = 'root') => {
    const signer = { role: by, secretKey: (by === 'root' ? root : recovery).secretKey }
    return appendEntry(log, body, signer, body.kind === 'rotate-root' ? nextRoot.secretKey : undefined)
  }
  const newDevice = async () => {
    const seed = testCrypto.random(32)
    return { seed, key: await testCrypto.ed25519.publicKey(seed) }
  }
  return {
    genesis,
    address: verifyLog(genesis).address as string,
    keys: { root: root.publicKey, recovery: recovery.publicKey, nextRoot: nextRoot.publicKey },
    newDevice,
    add: (log: readonly Uint8Array[], deviceKey: Uint8Array, by: 'root' | 'recovery' = 'root') =>
      grow(log, { kind: 'add-device', deviceKey, introKey: testCrypto.random(XWING_KEY_LENGTH) }, by),
    revoke: (log: readonly Uint8Array[], deviceKey: Uint8Array) => grow(log, { kind: 'revoke-device', deviceKey }),
    rotate: (log: readonly Uint8Array[]) => grow(log, { kind: 'rotate-root', key: nextRoot.publicKey }),
  }
}
