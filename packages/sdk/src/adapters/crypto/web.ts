import type { Crypto } from '../../ports/crypto.ts'
import { systemRandom } from '../../util/system-random.ts'
import { webAesGcm } from './aes-gcm-web.ts'
import { webArgon2id } from './argon2-web.ts'
import { aeadOf, boxOf } from './box.ts'
import { webCurves, webX25519 } from './curves-web.ts'
import { webEd25519 } from './ed25519-web.ts'
import { webKdf } from './kdf-web.ts'
import { webMlsPrimitives } from './mls-web.ts'
import { xWingKem } from './xwing.ts'

/** The crypto port over the platform's WebCrypto: for browsers and their workers, and it works in Node. */
export const webCrypto = (): Crypto => {
  const aes = webAesGcm(32)
  const curves = webCurves()
  return {
    random: systemRandom,
    ed25519: webEd25519(curves),
    aead: aeadOf(aes),
    box: boxOf(xWingKem(webX25519(curves), systemRandom), webKdf('sha256'), aes),
    argon2id: (passphrase, salt, { memory, passes }) => webArgon2id({ passphrase, salt, memory, passes }),
    mls: webMlsPrimitives(curves),
  }
}
