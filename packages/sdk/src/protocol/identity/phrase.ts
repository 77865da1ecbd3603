import { entropyToMnemonic, mnemonicToSeedSync, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { DchatError } from '../../errors.ts'
import { hkdfSha256 } from '../../util/hash.ts'
import { type SigningKey, signingKeyOf } from './signing.ts'

const WORDS = 24

/** Everything that a recovery phrase alone brings back. All of it but the public keys is secret. */
export interface Roots {
  readonly root: SigningKey
  readonly recovery: SigningKey
  /** 32 bytes: seed of the X-Wing archive key (`Crypto.box.publicKey`). */
  readonly archiveSeed: Uint8Array
}

const bad = (reason: string) => new DchatError('identity/bad-phrase', { reason })

/** A new recovery phrase: 24 English words of BIP39 (256 random bits and a checksum). */
export const createPhrase = (random: (length: number) => Uint8Array): string => entropyToMnemonic(random(32), wordlist)

/** One space between words, lower case. Throws `identity/bad-phrase`; its reason never holds a word. */
export const normalisePhrase = (phrase: string): string => {
  const words = phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/)
  const count = words[0] === '' ? 0 : words.length
  if (count !== WORDS) throw bad(`it has ${count} word${count === 1 ? '' : 's'} instead of ${WORDS}`)
  const unknown = words.findIndex((word) => !wordlist.includes(word))
  if (unknown >= 0) throw bad(`word ${unknown + 1} is not in the word list`)
  const normal = words.join(' ')
  if (!validateMnemonic(normal, wordlist))
    throw bad('every word is known but the checksum is wrong, so a word was swapped or replaced')
  return normal
}

/**
 * Root and recovery keys and the archive seed, derived from the phrase by BIP39 (without passphrase) and labelled
 * HKDF-SHA256. Takes some 50 ms. Throws `identity/bad-phrase`.
 */
export const rootsOf = (phrase: string): Roots => {
  const seed = mnemonicToSeedSync(normalisePhrase(phrase))
  const derive = (use: string) => hkdfSha256(seed, `dchat/${use}/v1`, 32)
  return {
    root: signingKeyOf(derive('root-key')),
    recovery: signingKeyOf(derive('recovery-key')),
    archiveSeed: derive('archive-key'),
  }
}
