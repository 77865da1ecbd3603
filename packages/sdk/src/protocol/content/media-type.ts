export const TEXT_MEDIA_TYPE = 'text/plain;charset=utf-8'
export const MARKDOWN_MEDIA_TYPE = 'text/markdown;variant=GFM-MIMI'

export interface MediaType {
  /** Type and subtype, lower case. */
  readonly essence: string
  /** Lower case; absent if not named. */
  readonly charset?: string
}

const ESSENCE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/

/** Reads what matters of a media type (RFC 9110 8.3.1, RFC 6838 4.2); undefined if it is none. */
export const mediaTypeOf = (text: string): MediaType | undefined => {
  const [first = '', ...parameters] = text.toLowerCase().split(';')
  const essence = first.trim()
  if (!ESSENCE.test(essence)) return undefined
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([a-z0-9_-]+)"?\s*$/.exec(parameter)?.[1])
    .find(Boolean)
  return charset === undefined ? { essence } : { essence, charset }
}
