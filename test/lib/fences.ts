import { fromMarkdown } from 'mdast-util-from-markdown'
import { readText } from './tree.ts'

export interface Fence {
  /** The page, from the root. */
  readonly page: string
  /** Line of the page on which the fence's first line of code stands, from 1. */
  readonly line: number
  readonly language: string
  /** The words after the language: `run`, `fragment`. */
  readonly marks: readonly string[]
  readonly code: string
}

/** What is needed here of mdast's nodes. */
interface Node {
  readonly type: string
  readonly children?: readonly Node[]
  readonly value?: string
  readonly lang?: string | null | undefined
  readonly meta?: string | null | undefined
  readonly url?: string
  readonly position?: { readonly start: { readonly line: number } } | undefined
}

const nodesOf = (page: string): readonly Node[] => {
  const within = (node: Node): readonly Node[] => [node, ...(node.children ?? []).flatMap(within)]
  return within(fromMarkdown(readText(page)))
}

export const fencesOf = (page: string): readonly Fence[] =>
  nodesOf(page)
    .filter(({ type }) => type === 'code')
    .map((node) => ({
      page,
      line: (node.position?.start.line ?? 0) + 1,
      language: node.lang ?? '',
      marks: node.meta?.split(' ') ?? [],
      code: node.value ?? '',
    }))

/** Targets of the links and images of a page, as written. */
export const linksOf = (page: string): readonly string[] =>
  nodesOf(page).flatMap(({ type, url }) => (/^(link|image|definition)$/.test(type) && url !== undefined ? [url] : []))

const textOf = (node: Node): string => node.value ?? (node.children ?? []).map(textOf).join('')

/** The anchors that a forge makes from the headings of a page. */
export const anchorsOf = (page: string): readonly string[] =>
  nodesOf(page)
    .filter(({ type }) => type === 'heading')
    .map((node) =>
      textOf(node)
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    )
