import { readFileSync } from 'node:fs'
import type { CiphersuiteId, CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { getCiphersuiteFromId } from 'ts-mls/crypto/ciphersuite.js'
import { defaultCryptoProvider } from 'ts-mls/crypto/implementation/default/provider.js'
import { nodeMlsPrimitives } from '../../src/adapters/crypto/mls-node.ts'

/** The suites that run: 3, 4 and 6 need packages that are not installed. Suite 1 runs on our own primitives. */
const SUPPORTED = [1, 2, 5, 7]

const primitives = nodeMlsPrimitives()
const loaded = new Map<number, Promise<CiphersuiteImpl>>()

const suite = (id: number): Promise<CiphersuiteImpl> => {
  const known = loaded.get(id)
  if (known !== undefined) return known
  const { name } = getCiphersuiteFromId(id as CiphersuiteId)
  const made =
    id === 1
      ? (primitives.suite(name) as Promise<CiphersuiteImpl>)
      : defaultCryptoProvider.getCiphersuiteImpl(getCiphersuiteFromId(id as CiphersuiteId))
  loaded.set(id, made)
  return made
}

export const vectors = <T>(name: string): T[] =>
  JSON.parse(readFileSync(new URL(`../../vectors/mls/${name}.json`, import.meta.url), 'utf8')) as T[]

/** Runs `check` on every vector of the named suites and returns how many there were. */
export const each = async <T extends { cipher_suite: number }>(
  name: string,
  check: (vector: T, cs: CiphersuiteImpl) => Promise<void>,
  suites: readonly number[] = SUPPORTED,
): Promise<number> => {
  let count = 0
  for (const vector of vectors<T>(name)) {
    if (!suites.includes(vector.cipher_suite)) continue
    await check(vector, await suite(vector.cipher_suite))
    count++
  }
  return count
}

export const unhex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A decoder's result; throws if it did not decode. */
export const decoded = <T>(result: [T, number] | undefined): T => {
  if (result === undefined) throw new Error('a vector does not decode')
  return result[0]
}
