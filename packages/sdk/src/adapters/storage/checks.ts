import { DchatError } from '../../errors.ts'
import { type PageQuery, type Row, type ScanQuery, TABLES, type Table } from '../../ports/storage.ts'

const refuse = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })

const KEY_LIMIT = 200

export const checkTable = (table: Table): void => {
  if (!TABLES.includes(table)) throw refuse('table', 'there is no such table')
}

export const checkKey = (key: string): void => {
  if (key.length === 0 || key.length > KEY_LIMIT) throw refuse('key', `it must have 1 to ${KEY_LIMIT} characters`)
}

/** A copy of the row, so that what the caller does to its bytes later changes nothing. */
export const checkedRow = ({ key, scope, position, value }: Row): Row => {
  checkKey(key)
  if ((scope === undefined) !== (position === undefined))
    throw refuse('position', 'it goes with a scope, and a scope with it')
  if (position !== undefined && !Number.isSafeInteger(position)) throw refuse('position', 'it must be a safe integer')
  if (!(value instanceof Uint8Array)) throw refuse('value', 'it must be bytes')
  const copy = new Uint8Array(value)
  return scope === undefined || position === undefined ? { key, value: copy } : { key, scope, position, value: copy }
}

const checkLimit = (limit: number): void => {
  if (!Number.isSafeInteger(limit) || limit < 0) throw refuse('limit', 'it must be a whole number, not negative')
}

export const checkScan = ({ limit }: ScanQuery): void => checkLimit(limit)

export const checkQuery = ({ after, before, limit }: PageQuery): void => {
  checkLimit(limit)
  for (const bound of [after, before])
    if (bound !== undefined && !Number.isSafeInteger(bound)) throw refuse('bounds', 'they must be safe integers')
}
