import { type Address, parseAddress } from '@dchat/sdk'
import { fromMarkdown } from 'mdast-util-from-markdown'

/** What a message's markdown comes to: only what the app draws, and nothing that a reader did not ask for. */
export type Block =
  | { readonly type: 'paragraph' | 'heading'; readonly children: readonly Inline[] }
  | { readonly type: 'quote'; readonly children: readonly Block[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'list'; readonly start?: number; readonly items: readonly (readonly Block[])[] }
  | { readonly type: 'rule' }

export type Inline =
  | { readonly type: 'text' | 'code'; readonly text: string }
  | { readonly type: 'strong' | 'emphasis'; readonly children: readonly Inline[] }
  | { readonly type: 'break' }
  /** `https:`, `http:` or `mailto:`, nothing else. */
  | { readonly type: 'link'; readonly url: string; readonly children: readonly Inline[] }
  | { readonly type: 'mention'; readonly address: Address; readonly name: string }

type Root = ReturnType<typeof fromMarkdown>
type Node = Root['children'][number]

/** Longer ones are shown as they are. */
const LONGEST = 30_000
/** Quotes and lists deeper than this are drawn at this depth. */
const DEEPEST = 6
/** Trees that are kept: what is on the screen, and what was a moment ago. */
const KEPT = 300

const kept = new Map<string, readonly Block[]>()

/** The tree of a message. HTML in it is text, images are links, and a line is a line. Never throws. */
export const readMarkdown = (markdown: string): readonly Block[] => {
  const known = kept.get(markdown)
  if (known !== undefined) return known
  const made = treeOf(markdown)
  if (kept.size >= KEPT) for (const key of [...kept.keys()].slice(0, KEPT / 2)) kept.delete(key)
  kept.set(markdown, made)
  return made
}

const treeOf = (markdown: string): readonly Block[] => {
  if (markdown.length > LONGEST) return readPlain(markdown)
  return blocks(fromMarkdown(markdown).children, 0)
}

/** Text without markup: lines are kept, and addresses of the web are links. */
export const readPlain = (text: string): readonly Block[] => [{ type: 'paragraph', children: words(text) }]

/** Whether the text says the same with and without markdown. */
export const isPlain = (text: string): boolean => {
  const tree = readMarkdown(text)
  const plain = readPlain(text.trim())
  return tree.length === 1 && JSON.stringify(tree) === JSON.stringify(plain)
}

const blocks = (nodes: readonly Node[], depth: number): readonly Block[] =>
  nodes.flatMap((node): readonly Block[] => {
    switch (node.type) {
      case 'paragraph':
        return [{ type: 'paragraph', children: inlines(node.children) }]
      case 'heading':
        return [{ type: 'heading', children: inlines(node.children) }]
      case 'blockquote':
        if (depth >= DEEPEST) return blocks(node.children, depth)
        return [{ type: 'quote', children: blocks(node.children, depth + 1) }]
      case 'list': {
        const items = node.children.map(({ children }) => blocks(children, depth + 1))
        if (depth >= DEEPEST) return items.flat()
        return [{ type: 'list', ...(node.ordered === true ? { start: node.start ?? 1 } : {}), items }]
      }
      case 'code':
        return [{ type: 'code', text: node.value }]
      case 'thematicBreak':
        return [{ type: 'rule' }]
      case 'html':
        return [{ type: 'paragraph', children: words(node.value) }]
      default:
        return []
    }
  })

type Phrasing = Extract<Node, { type: 'paragraph' }>['children'][number]

const inlines = (nodes: readonly Phrasing[], inLink = false): readonly Inline[] =>
  nodes.flatMap((node): readonly Inline[] => {
    switch (node.type) {
      case 'text':
        return inLink ? lines(node.value) : words(node.value)
      case 'html':
        return lines(node.value)
      case 'strong':
      case 'emphasis':
        return [{ type: node.type, children: inlines(node.children, inLink) }]
      case 'inlineCode':
        return [{ type: 'code', text: node.value }]
      case 'break':
        return [{ type: 'break' }]
      case 'link':
        return linked(node.url, inlines(node.children, true))
      case 'image':
        return linked(node.url, [{ type: 'text', text: node.alt || node.url }])
      default:
        return 'children' in node ? inlines(node.children as readonly Phrasing[], inLink) : []
    }
  })

const linked = (url: string, children: readonly Inline[]): readonly Inline[] => {
  const mentioned = /^dchat:([0-9a-z]+)$/i.exec(url)?.[1]
  if (mentioned !== undefined) {
    const address = addressIn(mentioned)
    const name = textOf(children).replace(/^@/, '')
    if (address !== undefined) return [{ type: 'mention', address, name }]
  }
  return isOpenable(url) ? [{ type: 'link', url, children }] : children
}

/** Whether the app opens such an address. */
const isOpenable = (url: string): boolean => /^(?:https?:\/\/|mailto:)[^\s]+$/i.test(url)

const addressIn = (text: string): Address | undefined => {
  try {
    return parseAddress(text)
  } catch {
    return undefined
  }
}

const URL_IN_TEXT = /https?:\/\/[^\s<>"]+/gi

/** Text with what is an address of the web in it as links. */
const words = (text: string): readonly Inline[] => {
  const made: Inline[] = []
  let at = 0
  for (const found of text.matchAll(URL_IN_TEXT)) {
    const url = withoutTail(found[0])
    made.push(...lines(text.slice(at, found.index)), { type: 'link', url, children: [{ type: 'text', text: url }] })
    at = found.index + url.length
  }
  return [...made, ...lines(text.slice(at))]
}

/** Punctuation behind an address belongs to the sentence, and so does a bracket that was opened before it. */
const withoutTail = (url: string): string => {
  const bare = url.replace(/[.,:;!?'*_~]+$/, '')
  return bare.endsWith(')') && !bare.includes('(') ? withoutTail(bare.slice(0, -1)) : bare
}

const lines = (text: string): readonly Inline[] =>
  text
    .split(/\r\n|\r|\n/)
    .flatMap((line, i): readonly Inline[] => [
      ...(i === 0 ? [] : [{ type: 'break' } as const]),
      ...(line === '' ? [] : [{ type: 'text', text: line } as const]),
    ])

const textOf = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => {
      if ('text' in node) return node.text
      if (node.type === 'mention') return `@${node.name}`
      return 'children' in node ? textOf(node.children) : ' '
    })
    .join('')

/** The words alone on one line, for quotes and for what is copied to a screen reader. */
export const plainText = (tree: readonly Block[]): string =>
  tree
    .map((block) => {
      if (block.type === 'code') return block.text
      if (block.type === 'rule') return ''
      if (block.type === 'list') return block.items.map(plainText).join(' ')
      return block.type === 'quote' ? plainText(block.children) : textOf(block.children)
    })
    .join(' ')
    .replace(/\s+/gu, ' ')
    .trim()
