import type { Suite } from './engine.ts'
import { SIZES } from './suites.ts'

/**
 * Public keys that nobody can encrypt to would make the next honest commit fail, so they are refused where they are
 * published. Pure arithmetic, the same on every platform: length, X25519 points of small order (RFC 7748 6.1), and
 * the modulus check of ML-KEM (FIPS 203 7.2).
 */
export const usablePublicKey = (suite: Suite, key: Uint8Array): boolean => {
  if (key.length !== SIZES[suite].publicKey) return false
  if (suite === 'group-x25519-aes128') return !smallOrder(key)
  return reduced(key.subarray(0, ML_KEM_COEFFICIENTS)) && !smallOrder(key.subarray(1184))
}

const P = 2n ** 255n - 19n
const SMALL_ORDER = new Set([
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  P - 1n,
])

const smallOrder = (point: Uint8Array): boolean => {
  let u = 0n
  for (let i = 31; i >= 0; i--) u = (u << 8n) | BigInt(i === 31 ? (point[i] as number) & 0x7f : (point[i] as number))
  return SMALL_ORDER.has(u % P)
}

const ML_KEM_Q = 3329
/** 768 coefficients of 12 bits each, three per two. */
const ML_KEM_COEFFICIENTS = 1152

const reduced = (coefficients: Uint8Array): boolean => {
  for (let i = 0; i < coefficients.length; i += 3) {
    const a = coefficients[i] as number
    const b = coefficients[i + 1] as number
    const c = coefficients[i + 2] as number
    if ((a | ((b & 15) << 8)) >= ML_KEM_Q || ((b >> 4) | (c << 4)) >= ML_KEM_Q) return false
  }
  return true
}
