import { PLACE_OPTIONS } from '../../bots/place.ts'
import { deadLetterFields, deadLetterText } from '../../bots/webhook-lines.ts'
import { withQueue } from '../../bots/with-queue.ts'
import { defineCommand } from '../../command/define.ts'

/** Dead letters that are read at once. */
const PAGE = 100

export const botDeadLettersList = defineCommand({
  name: 'bot dead-letters list',
  usual: true,
  description: 'List the events that were given up, oldest first, and why',
  args: {},
  options: {
    ...PLACE_OPTIONS,
    webhook: { type: 'text', placeholder: 'NAME', description: 'Only those of this webhook' },
    content: { type: 'flag', description: 'With --json: the events themselves, as the webhook would get them' },
  },
  example: 'dchat bot dead-letters list --webhook shop',
  run: async ({ webhook, content, ...values }, context) => {
    const { out } = context
    await withQueue(values, context, async (queue) => {
      const only = webhook === undefined ? {} : { endpoint: webhook }
      for (let after = -1; ; ) {
        const letters = await queue.deadLetters({ ...only, after, limit: PAGE })
        for (const letter of letters)
          await out.item('dead-letter', deadLetterFields(letter, content), deadLetterText(letter))
        if (letters.length < PAGE) break
        after = letters.at(-1)?.seq ?? after
      }
    })
    await out.end()
  },
})

export const botDeadLettersReplay = defineCommand({
  name: 'bot dead-letters replay',
  description: 'Deliver events again that were given up; a bot that runs takes them up by itself',
  args: {
    webhook: { description: 'The webhook that is to get them' },
    event: { description: 'The id of one event (default: all of the webhook)', optional: true },
  },
  options: PLACE_OPTIONS,
  example: 'dchat bot dead-letters replay shop',
  run: async ({ webhook, event, ...values }, context) => {
    const replayed = await withQueue(values, context, (queue) => queue.replay(webhook, event, Date.now()))
    await context.out.result({ webhook, replayed }, `${replayed} will be delivered again.`)
  },
})
