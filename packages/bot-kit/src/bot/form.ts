import { openCell } from '../store/bot-store.ts'
import type { Context, Saying } from './context.ts'
import { keyboard } from './keyboard.ts'
import { type Plugin, plugin } from './plugin.ts'
import type { AnswersOf, Question, Questionnaire, Questions } from './questions.ts'

/**
 * Questions that are asked one after the other. How far somebody is stands in the bot's store, so that it goes on after a
 * restart; several forms may wait for one person, in a conversation one.
 */
export interface Form extends Plugin<object>, Questionnaire {}

interface State {
  readonly form: string
  readonly answers: Readonly<Record<string, unknown>>
}

const SKIP = '-'
const CANCEL = 'cancel'
const PRESS = 'form:'

const keyOf = ({ conversation, from }: Context): string => `form/${conversation.id}/${from.id}`
const cellOf = (ctx: Context) => openCell<State>(ctx.store, keyOf(ctx), ctx.event.data.event_id)

/** What is asked next; undefined after the last question. */
const nextOf = (questions: Questions, answers: State['answers']): [string, Question<unknown>] | undefined =>
  Object.entries(questions).find(([name]) => !Object.hasOwn(answers, name))

const sayingOf = ({ ask, answer }: Question<unknown>): Saying => {
  const text = answer.isOptional ? `${ask} (${SKIP} to leave it out)` : ask
  if (answer.choices === undefined) return text
  const rows = answer.choices.reduce((all, choice) => all.button(choice, `${PRESS}${choice}`).row(), keyboard())
  return { text, keyboard: rows }
}

/** The text of an answer: written, or the button of a choice. */
const answerOf = (ctx: Context): string | undefined => {
  if (ctx.event.type === 'message.created' && ctx.command === undefined) return ctx.text?.trim()
  const data = ctx.press?.data
  return data?.startsWith(PRESS) ? data.slice(PRESS.length) : undefined
}

/** An own form stands where the bot's handlers are told of it by `use`, and is begun by `ctx.ask(form)`. */
export const form = <const Q extends Questions>(
  name: string,
  questions: Q,
  done: (ctx: Context, answers: AnswersOf<Q>) => unknown,
): Form => {
  const { run } = plugin(async (ctx, next) => {
    const cell = await cellOf(ctx)
    const state = cell.value
    if (state?.form !== name) return next()
    if (ctx.command?.name === CANCEL) {
      await cell.save(undefined)
      await ctx.reply('Cancelled.')
      return
    }
    const given = answerOf(ctx)
    const open = nextOf(questions, state.answers)
    if (given === undefined || open === undefined) return next()
    if (ctx.press) await ctx.answer()
    const [field, question] = open
    const { answer } = question
    const read = given === SKIP && answer.isOptional ? { value: answer.missing() } : answer.parse(given)
    if (read === undefined) {
      await ctx.reply(`It has to be ${answer.expects}. /${CANCEL} ends this.`)
      return
    }
    // What JSON leaves out is there nevertheless: the question was answered.
    const answers = { ...state.answers, [field]: read.value ?? null }
    const following = nextOf(questions, answers)
    if (following === undefined) {
      const values = Object.fromEntries(Object.entries(answers).map(([key, value]) => [key, value ?? undefined]))
      // Before, so that `done` may begin another form. Killed in it, the event finds the state as it was.
      await cell.save(undefined)
      await done(ctx, values as AnswersOf<Q>)
      return
    }
    await ctx.reply(sayingOf(following[1]))
    await cell.save({ form: name, answers })
  })
  return { name, questions, run }
}

/** Asks the first question. */
export const beginForm = async ({ name, questions }: Questionnaire, ctx: Context) => {
  const first = nextOf(questions, {})
  if (first === undefined) return
  const cell = await cellOf(ctx)
  await ctx.reply(sayingOf(first[1]))
  await cell.save({ form: name, answers: {} })
}
