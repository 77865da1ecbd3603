import { defineCommand } from '../command/define.ts'
import { parseMoment } from '../io/moment.ts'
import { foundFields, foundText } from '../io/search-lines.ts'

const WHEN = 'a day like 2026-11-21, a time like 2026-11-21T18:30, or an age like 7d'

export const search = defineCommand({
  name: 'search',
  description: 'Find messages by their words, newest first',
  args: {
    words: {
      description: 'Words that must all be there, the last one also as a beginning; "in quotes" a phrase',
      optional: true,
      many: true,
    },
  },
  options: {
    chat: { type: 'text', placeholder: 'C', description: 'Only in this conversation' },
    from: { type: 'text', placeholder: 'P', description: 'Only by this person; "me" for yourself' },
    after: { type: 'text', placeholder: 'D', description: `Only from then on: ${WHEN}` },
    before: { type: 'text', placeholder: 'D', description: 'Only earlier than that' },
    limit: { type: 'whole', placeholder: 'N', min: 1, max: 10_000, description: 'At most this many (default: 50)' },
    ids: { type: 'flag', description: 'Show the id of each message, to name it in other commands' },
  },
  example: 'dchat search "new york" hotel --from bob --after 30d',
  run: async ({ words, chat, from, after, before, limit, ids }, { session, out, globals, signal }) => {
    const now = Date.now()
    const params = {
      text: words.map(quoted).join(' '),
      ...(chat === undefined ? {} : { chat }),
      ...(from === undefined ? {} : { from }),
      ...(after === undefined ? {} : { after: parseMoment(after, '--after', now) }),
      ...(before === undefined ? {} : { before: parseMoment(before, '--before', now) }),
      ...(limit === undefined ? {} : { limit }),
      ...(globals.timeout === undefined ? {} : { timeout: globals.timeout }),
    }
    const { stream } = await session()
    let complete = true
    for await (const item of stream('search', params, { signal })) {
      if (item.type === 'end') complete = item.complete
      else await out.item('found', foundFields(item), foundText(item, out.style, { ids }))
    }
    await out.end({ complete })
    if (!complete) out.note('The index is still being made; there may be more. A longer --timeout waits for it.')
  },
})

/** The shell took the quotes of a phrase: several words that came as one are one again. */
const quoted = (word: string): string => (/\s/u.test(word.trim()) && !/["“”„«»]/u.test(word) ? `"${word}"` : word)
