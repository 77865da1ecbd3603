/** Minor units as people write them: `1234567` with 2 digits is "12,345.67" or "12.345,67", as the system has it. */
export const formatAmount = (minor: number | bigint, digits: number, signed = false): string => {
  const whole = BigInt(minor)
  const negative = whole < 0n
  const figures = (negative ? -whole : whole).toString().padStart(digits + 1, '0')
  const before = BigInt(figures.slice(0, figures.length - digits))
  const sign = negative ? '\u2212' : signed ? '+' : ''
  if (digits === 0) return sign + grouped.format(before)
  return `${sign}${grouped.format(before)}${point}${figures.slice(-digits)}`
}

const grouped = new Intl.NumberFormat()
const point = new Intl.NumberFormat().formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ?? '.'
