import type { LinkState } from '@dchat/sdk'

const WORDS: Readonly<Record<LinkState['state'], string>> = {
  idle: 'not in use',
  connecting: 'connecting',
  ready: 'connected',
  waiting: 'not reachable',
  closed: 'closed',
}

/** How a connection to one relay stands, in a word or two. */
export const linkWord = (link: LinkState): string => WORDS[link.state]
