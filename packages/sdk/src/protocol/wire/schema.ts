import { DchatError } from '../../errors.ts'

/** Reads a decoded value into a type, or throws `protocol/malformed` with the place at which it does not fit. */
export type Schema<T> = (value: unknown, at: string) => T

export const malformed = (format: string, reason: string): DchatError<'protocol/malformed'> =>
  new DchatError('protocol/malformed', { format, reason })

/** Bytes of exactly `min`, or of `min` to `max`. */
export const bytes =
  (min: number, max = min): Schema<Uint8Array> =>
  (value, at) => {
    if (!(value instanceof Uint8Array)) throw malformed(at, 'bytes are expected')
    if (value.length < min || value.length > max)
      throw malformed(at, min === max ? `${min} bytes are expected` : `${min} to ${max} bytes are expected`)
    return value
  }

/** A whole number within safe bounds, from 0 unless told. */
export const int =
  (min = 0, max = Number.MAX_SAFE_INTEGER): Schema<number> =>
  (value, at) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
      throw malformed(at, `a whole number from ${min} to ${max} is expected`)
    return value
  }

/** Text of at most `max` UTF-16 units. */
export const text =
  (max: number, min = 0): Schema<string> =>
  (value, at) => {
    if (typeof value !== 'string' || value.length < min || value.length > max)
      throw malformed(at, `a text of ${min} to ${max} characters is expected`)
    return value
  }

export const bool: Schema<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw malformed(at, 'true or false is expected')
  return value
}

export const literal =
  <const T extends string | number>(...allowed: readonly T[]): Schema<T> =>
  (value, at) => {
    if (!allowed.includes(value as T)) throw malformed(at, `${allowed.join(' or ')} is expected`)
    return value as T
  }

/** Anything that CBOR may carry, to be read later. */
export const anything: Schema<unknown> = (value) => value

export const nullable =
  <T>(schema: Schema<T>): Schema<T | null> =>
  (value, at) =>
    value === null ? null : schema(value, at)

export const array =
  <T>(schema: Schema<T>, min: number, max: number): Schema<T[]> =>
  (value, at) => {
    if (!Array.isArray(value) || value.length < min || value.length > max)
      throw malformed(at, `a list of ${min} to ${max} is expected`)
    return value.map((item, index) => schema(item, `${at}[${index}]`))
  }

/** An array of fixed places. More elements than these are a later version's and are ignored, unless this is signed bytes. */
export const tuple =
  <T extends readonly unknown[]>(...schemas: { readonly [I in keyof T]: Schema<T[I]> }): Schema<T> =>
  (value, at) => {
    if (!Array.isArray(value) || value.length !== schemas.length)
      throw malformed(at, `${schemas.length} elements are expected`)
    return schemas.map((schema, index) => schema(value[index], `${at}[${index}]`)) as unknown as T
  }

const OPTIONAL = Symbol('optional')
export interface OptionalField<T> {
  readonly [OPTIONAL]: Schema<T>
}

/** A field of a record that may be absent. */
export const optional = <T>(schema: Schema<T>): OptionalField<T> => ({ [OPTIONAL]: schema })

type Fields = Readonly<Record<string, Schema<unknown> | OptionalField<unknown>>>
type RecordOf<F extends Fields> = {
  [K in keyof F as F[K] extends OptionalField<unknown> ? never : K]: F[K] extends Schema<infer T> ? T : never
} & {
  [K in keyof F as F[K] extends OptionalField<unknown> ? K : never]?: F[K] extends OptionalField<infer T> ? T : never
}

/** A map with text keys. Keys that are not named belong to a later version and are left out. */
export const record = <F extends Fields>(fields: F): Schema<RecordOf<F>> => {
  const entries = Object.entries(fields)
  return (value, at) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array)
      throw malformed(at, 'a map is expected')
    const out: Record<string, unknown> = {}
    for (const [name, field] of entries) {
      const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
      if (typeof field === 'function') out[name] = field(given, `${at}.${name}`)
      else if (given !== undefined) out[name] = field[OPTIONAL](given, `${at}.${name}`)
    }
    return out as RecordOf<F>
  }
}
