import { webCrypto } from '../../../../src/adapters/crypto/web.ts'
import { toHex, utf8 } from '../../../../src/util/bytes.ts'

const crypto = webCrypto()
const salt = new Uint8Array(16).fill(5)

/** The hash as hex, or the code of the error. */
const argon2id = async (memory: number, passes: number) => {
  try {
    return { hash: toHex(await crypto.argon2id(utf8('correct horse'), salt, { memory, passes })) }
  } catch (error) {
    return { error: (error as { code?: string }).code ?? String(error) }
  }
}

Object.assign(globalThis, { dchat: { argon2id } })
