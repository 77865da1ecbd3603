/** "120.00": an amount as people type it, without its currency. */
export const decimal = ({ minor, exponent }: { readonly minor: string; readonly exponent: number }): string => {
  if (exponent === 0) return minor
  const digits = minor.padStart(exponent + 1, '0')
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}
