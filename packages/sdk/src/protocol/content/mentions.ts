import type { Address } from '../../records/ids.ts'
import { parseAddress } from '../identity/address.ts'

/** People whom one message can mention; further links are links. */
export const MENTIONS_LIMIT = 100

/**
 * Markdown that mentions a person: a link to `dchat:` and the address, shown as the name. Any name is fine: what would be
 * markup in it is escaped.
 */
export const mention = (address: Address, name: string): string =>
  `[@${name.replace(/\s+/gu, ' ').replace(/[!-/:-@[-`{-~]/g, '\\$&')}](dchat:${address})`

/** The end of a link whose target is an address, with or without angle brackets and title. Matches in linear time. */
const LINK = /\]\(<?dchat:([0-9a-z]{1,90})>?(?: "[^"\n]{0,200}")?\)/gi
const RUN = /`+/g

/** The people whom markdown mentions, in the order of their first mention; links inside code do not count. */
export const mentionsIn = (markdown: string): readonly Address[] => {
  const found = new Set<Address>()
  if (!/dchat:/i.test(markdown)) return []
  for (const [, text] of withoutCode(markdown).matchAll(LINK)) {
    const address = addressIn(text as string)
    if (address !== undefined) found.add(address)
    if (found.size === MENTIONS_LIMIT) break
  }
  return [...found]
}

const addressIn = (text: string): Address | undefined => {
  try {
    return parseAddress(text)
  } catch {
    return undefined
  }
}

/** Code stands between two runs of backticks of one length; a run without a partner is text. */
const withoutCode = (markdown: string): string => {
  const runs = [...markdown.matchAll(RUN)].map(({ index, 0: run }) => ({ index, length: run.length }))
  let clear = ''
  let at = 0
  for (let i = 0; i < runs.length; i++) {
    const open = runs[i] as (typeof runs)[number]
    const partner = runs.findIndex(({ length }, other) => other > i && length === open.length)
    const close = runs[partner]
    if (close === undefined) continue
    clear += markdown.slice(at, open.index)
    at = close.index + close.length
    i = partner
  }
  return clear + markdown.slice(at)
}
