import type { Address } from '../../records/ids.ts'
import type { Money } from '../../records/offer.ts'
import { toHex } from '../../util/bytes.ts'
import { parseAddress } from '../identity/address.ts'
import { bytes, int, malformed, record, type Schema, text } from '../wire/schema.ts'
import { moneyFault } from './money.ts'

/** An address in the one form that is signed: small letters, nothing around it. */
export const address: Schema<Address> = (value, at) => {
  const given = text(90)(value, at)
  let parsed: Address | undefined
  try {
    parsed = parseAddress(given)
  } catch {
    parsed = undefined
  }
  if (parsed === undefined || parsed !== given) throw malformed(at, 'an address is expected')
  return parsed
}

/** Bytes on the wire, hexadecimal in records. */
export const hex =
  (length: number): Schema<string> =>
  (value, at) =>
    toHex(bytes(length)(value, at))

export const money: Schema<Money> = (value, at) => {
  const read = record({ minor: text(31, 1), currency: text(12, 2), exponent: int(0, 18) })(value, at)
  const fault = moneyFault(read)
  if (fault !== undefined) throw malformed(at, fault)
  return read
}
