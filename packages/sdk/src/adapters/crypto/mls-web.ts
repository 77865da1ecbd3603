import type { MlsPrimitives } from '../../ports/crypto.ts'
import { systemRandom } from '../../util/system-random.ts'
import { webAesGcm } from './aes-gcm-web.ts'
import { type WebCurves, webCurves, webX25519 } from './curves-web.ts'
import { webEd25519 } from './ed25519-web.ts'
import { webKdf } from './kdf-web.ts'
import { mlsSuites } from './mls-suites.ts'
import { webX25519Kem } from './x25519-web.ts'
import { xWingKem } from './xwing.ts'

/** MLS cipher suites for browsers: curves and AEAD of the platform, hashes at once. It interoperates with Node's. */
export const webMlsPrimitives = (curves: WebCurves = webCurves()): MlsPrimitives =>
  mlsSuites({
    kdf: webKdf,
    aesGcm: webAesGcm,
    x25519: webX25519Kem(webX25519(curves)),
    xWing: xWingKem(webX25519(curves), systemRandom),
    ed25519: webEd25519(curves),
    random: systemRandom,
  })
