import type { Address, Client, SendableContent } from '@dchat/sdk'
import { mention, shortAddress } from '@dchat/sdk'
import { personOf } from './resolve.ts'

/** What Markdown would take for markup, anywhere in a line and at its beginning. */
const MARKUP = /[\\`*_[\]<>&~|]/g
const LINE = /^([ \t]{0,3})(#{1,6}(?=\s|$)|[-+=]|\d{1,9}(?=[.)]))/gm

/** Text as Markdown that is read as that text. */
const asMarkdown = (text: string): string =>
  text
    .replace(MARKUP, '\\$&')
    .replace(LINE, (_, space: string, sign: string) => (/^\d/.test(sign) ? `${space}${sign}\\` : `${space}\\${sign}`))

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

interface Mentioned {
  readonly named: string
  readonly address: Address
  /** How others see it: what the user typed is the user's choice, an address is shown by its person's own name. */
  readonly label: string
}

const mentioned = async (client: Client, named: string, signal: AbortSignal): Promise<Mentioned> => {
  const address = await personOf(client, named, signal)
  const isName = !/^\s*(dchat1|dchat:)/i.test(named)
  const label = isName ? named.trim() : ((await client.profiles.get(address))?.name ?? shortAddress(address))
  return { named: named.trim(), address, label }
}

/**
 * The text as Markdown in which `@name` mentions the person; whoever is not in it is mentioned at its beginning. Throws
 * `identity/unknown-peer`.
 */
export const withMentions = async (
  client: Client,
  content: SendableContent,
  names: readonly string[],
  signal: AbortSignal,
): Promise<SendableContent> => {
  const { text, words } =
    content.type === 'text'
      ? { text: content.text, words: asMarkdown }
      : { text: content.markdown, words: (markdown: string) => markdown }
  const people: Mentioned[] = []
  for (const named of new Set(names)) people.push(await mentioned(client, named, signal))
  // The longest first: "@ann" is no beginning of "@anna".
  const byLength = [...people].sort((a, b) => b.named.length - a.named.length)
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}])@(${byLength.map(({ named }) => escaped(named)).join('|')})(?![\\p{L}\\p{N}])`,
    'giu',
  )
  const found = new Set<Mentioned>()
  let markdown = ''
  let at = 0
  for (const { 0: whole, 1: name, index } of text.matchAll(pattern)) {
    const person = people.find(({ named }) => named.toLowerCase() === name?.toLowerCase())
    if (person === undefined) continue
    found.add(person)
    markdown += words(text.slice(at, index)) + mention(person.address, person.label)
    at = index + whole.length
  }
  const lead = people.filter((person) => !found.has(person)).map(({ address, label }) => `${mention(address, label)} `)
  const { replyTo } = content
  return {
    type: 'markdown',
    markdown: lead.join('') + markdown + words(text.slice(at)),
    ...(replyTo === undefined ? {} : { replyTo }),
  }
}
