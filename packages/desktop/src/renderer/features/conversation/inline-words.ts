import type { InlineStage } from '../../state/inline-search.svelte.ts'

/** What is told instead of results; undefined where there are some. */
export const inlineWords = (stage: InlineStage, name: string, words: string): string | undefined => {
  switch (stage) {
    case 'empty':
      return `Type what ${name} should look for.`
    case 'long':
      return 'This is too long to ask a bot: it takes 256 characters.'
    case 'unmet':
      return `You have not talked with ${name} yet. Asking it opens a conversation with it.`
    case 'offline':
      return `You are offline. ${name} can be asked when the connection is back.`
    case 'asking':
      return `Asking ${name}…`
    case 'none':
      return `${name} found nothing for “${words}”.`
    case 'silent':
      return `${name} does not answer.`
    case 'failed':
      return `${name} could not be asked.`
    case 'found':
      return undefined
  }
}

/** What can be done about it: the one thing to choose then. */
export const inlineDeed = (stage: InlineStage, name: string): string | undefined => {
  if (stage === 'unmet') return `Ask ${name}`
  return stage === 'offline' || stage === 'silent' || stage === 'failed' ? 'Try again' : undefined
}
