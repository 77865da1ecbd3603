import { createBot, keyboard, session } from '@dchat/bot-kit'

const relays = [process.env.RELAY ?? 'ws://127.0.0.1:7464']

/**
 * @typedef {object} Poll
 * @property {string} question
 * @property {readonly string[]} choices
 * @property {Record<string, number>} votes who took which choice
 */

/** @returns {Record<string, Poll>} by the id of their message */
const noPolls = () => ({})

/** @param {Poll} poll */
const shown = ({ question, choices, votes }) => {
  const counts = choices.map((_, index) => Object.values(votes).filter((vote) => vote === index).length)
  const rows = choices.reduce((all, choice, index) => all.button(choice, `vote:${index}`).row(), keyboard())
  return { text: [question, ...choices.map((choice, i) => `${choice}: ${counts[i]}`)].join('\n'), keyboard: rows }
}

await createBot({ secretFile: 'bot.secret', relays, name: 'Poll' })
  .use(session({ of: 'conversation', initial: noPolls }))
  .command('poll', 'Asks everybody here: /poll "Lunch today?" Pizza Soup', async (ctx) => {
    const [question, ...choices] = ctx.args
    if (question === undefined || choices.length < 2) return ctx.reply('A question and two answers, please.')
    const poll = { question, choices, votes: {} }
    const { id } = await ctx.send(shown(poll))
    ctx.session[id] = poll
  })
  .callback(/^vote:(\d+)$/, async (ctx) => {
    const id = ctx.event.data.message_id
    const poll = ctx.session[id]
    if (poll === undefined) return ctx.answer('This poll is over.')
    const vote = Number(ctx.match[1])
    poll.votes[ctx.from.id] = vote
    await ctx.answer(`You took ${poll.choices[vote]}`)
    await ctx.edit(id, shown(poll))
  })
  .catch((error) => console.error(error))
  .run({ ready: ({ invite }) => console.log(`Write to me: ${invite}`) })
