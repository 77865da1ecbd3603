import { DchatError } from '../../errors.ts'
import type { Money } from '../../records/offer.ts'
import { exponentOf } from './iso-4217.ts'

const CODE = /^[A-Z][A-Z0-9]{1,11}$/
const MINOR = /^(?:0|-?[1-9][0-9]{0,29})$/

/** Why this is no amount of money, or undefined. */
export const moneyFault = ({ minor, currency, exponent }: Money): string | undefined => {
  if (!MINOR.test(minor)) return 'an amount is a decimal integer of at most 30 digits'
  if (!CODE.test(currency)) return 'a currency has 2 to 12 of A to Z and 0 to 9'
  const known = exponentOf(currency)
  if (known !== undefined && known !== exponent) return `${currency} has ${known} decimal places`
  return Number.isInteger(exponent) && exponent >= 0 && exponent <= 18 ? undefined : 'an exponent is 0 to 18'
}

export const sameUnit = (a: Money, b: Money): boolean => a.currency === b.currency && a.exponent === b.exponent

/** The sum of amounts of one unit, as a big integer: exact at any size. */
export const sumOf = (amounts: readonly Money[]): bigint =>
  amounts.reduce((sum, { minor }) => sum + BigInt(minor), BigInt(0))

/** For people: `12.50 EUR`. No locale, so that everybody reads the same. */
export const formatMoney = ({ minor, currency, exponent }: Money): string => {
  const sign = minor.startsWith('-') ? '-' : ''
  const digits = minor.replace('-', '').padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  return `${sign}${whole}${exponent === 0 ? '' : `.${digits.slice(-exponent)}`} ${currency}`
}

const AMOUNT = /^(?:([A-Z][A-Z0-9]{1,11})\s*)?(-?)([0-9]{1,28})(?:\.([0-9]{1,18}))?(?:\s*([A-Z][A-Z0-9]{1,11}))?$/

/**
 * `EUR 120.00` or `120.00 EUR`, and with `currency` a bare `120.00`. A currency that ISO 4217 does not know has as many
 * decimal places as are written. Throws `usage/invalid-argument`.
 */
export const parseMoney = (text: string, currency?: string): Money => {
  const wrong = (reason: string) => new DchatError('usage/invalid-argument', { name: 'amount', reason })
  const [, before, sign = '', whole, decimals = '', after] = AMOUNT.exec(text.trim().toUpperCase()) ?? []
  const code = before ?? after ?? currency
  if (whole === undefined || code === undefined || (before !== undefined && after !== undefined))
    throw wrong('it is not an amount like "EUR 120.00"')
  const exponent = exponentOf(code) ?? decimals.length
  if (decimals.length > exponent) throw wrong(`${code} has ${exponent} decimal places`)
  const minor = BigInt(`${sign}${whole}${decimals.padEnd(exponent, '0')}`).toString()
  const money: Money = { minor, currency: code, exponent }
  const fault = moneyFault(money)
  if (fault !== undefined) throw wrong(fault)
  return money
}
