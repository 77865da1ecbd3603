/** Checks of decoded fields, as the formats of the archive share them. */

export const isId = (value: unknown, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length

/** A whole number from 0, below a bound. */
export const isCount = (value: unknown, below: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < below

export const isText = (value: unknown, limit: number): value is string =>
  typeof value === 'string' && value.length <= limit
