import { DchatError } from '../errors.ts'
import { fromUtf8, utf8 } from './bytes.ts'

/**
 * One passphrase has one form, however a keyboard composes its letters and whether it comes as text or bytes.
 * Throws `usage/invalid-argument`.
 */
export const passphraseBytes = (passphrase: Uint8Array | string): Uint8Array => {
  let bytes: Uint8Array
  try {
    bytes = utf8((typeof passphrase === 'string' ? passphrase : fromUtf8(passphrase)).normalize('NFKC'))
  } catch {
    throw new DchatError('usage/invalid-argument', { name: 'passphrase', reason: 'it is not UTF-8' })
  }
  if (bytes.length === 0) throw new DchatError('usage/invalid-argument', { name: 'passphrase', reason: 'it is empty' })
  return bytes
}
