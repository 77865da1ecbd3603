import type { Content } from '../../records/content.ts'

/** Links and pictures show their label; the target of a mention is an address that nobody reads. Bounded, so linear. */
const LINK = /!?\[((?:\\.|[^\]\\\n]){0,200})\]\((<?[^\s()<>]{0,2000}>?)(?: "[^"\n]{0,200}")?\)/g
const ESCAPED = /\\([!-/:-@[-`{-~])/g
/** Emphasis and code: at the beginning of a word, or at the end of one. */
const MARKS = /(^|[^\p{L}\p{N}\\])[*_~`]{1,3}(?=\S)|(?<=[^\s\\])[*_~`]{1,3}(?![\p{L}\p{N}])/gmu
/** Headings and quotes. */
const LINE = /^[ \t]{0,3}(?:#{1,6}[ \t]+|>[ \t]?)/gm

/** Markdown as people read it, near enough to search and to show a piece of it. */
export const plainOf = (markdown: string): string =>
  markdown.replace(LINK, '$1').replace(LINE, '').replace(MARKS, '$1').replace(ESCAPED, '$1')

/** UTF-16 units of a message that are searched, at most. */
const LIMIT = 65_536

/** What a message says, without markup, and its beginning if it is very long; undefined where nobody wrote it. */
export const wordsOf = (content: Content): string | undefined => said(content)?.slice(0, LIMIT)

const said = (content: Content): string | undefined => {
  switch (content.type) {
    case 'text':
      return content.text
    case 'markdown':
      return plainOf(content.markdown)
    case 'offer':
      return content.summary
    case 'unknown':
      return content.fallback
    case 'deleted':
    case 'notice':
      return undefined
  }
}
