/** Characters of a message that a hook writes; what is longer is cut. */
export const TEXT_LIMIT = 8_000

const valueAt = (payload: unknown, path: string): string => {
  let value: unknown = payload
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return ''
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!|<>~&:@]/g, '\\$&')

const cut = (text: string): string => {
  if (text.length <= TEXT_LIMIT) return text
  // Not in the middle of a character.
  const end = TEXT_LIMIT - 1
  const half = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800
  return `${text.slice(0, half ? end - 1 : end)}…`
}

/** `{{path.to.value}}` becomes what stands there in the payload, `{{items.0}}` the first of a list; what is not there, nothing. */
export const render = (template: string, payload: unknown, format: 'text' | 'markdown'): string =>
  cut(
    template
      .replace(/\{\{\s*([\w$.-]{1,200})\s*\}\}/g, (_, path: string) => {
        const value = valueAt(payload, path)
        return format === 'markdown' ? escaped(value) : value
      })
      .trim(),
  )
