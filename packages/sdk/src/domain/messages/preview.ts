import type { Content } from '../../records/content.ts'

const LENGTH = 120

/** One line for lists. */
export const previewOf = (content: Content): string => {
  const text =
    content.type === 'text' ? content.text : content.type === 'markdown' ? content.markdown : content.fallback
  const line = text.replace(/\s+/gu, ' ').trim()
  const characters = [...line]
  return characters.length > LENGTH ? `${characters.slice(0, LENGTH - 1).join('')}…` : line
}
