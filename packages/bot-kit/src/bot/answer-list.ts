import { DchatError, type OfferStep } from '@dchat/sdk'
import { ACTIONS_LIMIT, type Action } from '../actions/action.ts'
import { actionTermsOf } from '../actions/offer-action.ts'
import type { BotEvent } from '../events/event.ts'
import { offerOf } from '../events/parts.ts'
import type { Doing } from './create-context.ts'
import type { OfferVerbs } from './offer-verbs.ts'

/** Behind a webhook a bot has no client: what needs one says so. */
export const withoutClient = (what: string): DchatError =>
  new DchatError(
    'usage/invalid-argument',
    { name: what, reason: 'behind a webhook a bot has no client' },
    { hint: 'Run the bot itself (start, or "dchat bot run") for what an answer to a webhook cannot say.' },
  )

/** A step that the gateway will take: what comes of it nobody knows yet. */
const stepToBe = (): OfferStep => ({
  get offer(): never {
    throw withoutClient('offer')
  },
  get event(): never {
    throw withoutClient('event')
  },
  get type(): never {
    throw withoutClient('type')
  },
  get message(): never {
    throw withoutClient('message')
  },
})

export interface AnswerList {
  readonly actions: readonly Action[]
  readonly doing: Doing
}

/** What handlers say becomes a list: the answer to the event. Its names are those that the same bot gives with a client. */
export const answerList = (event: BotEvent): AnswerList => {
  const actions: Action[] = []
  const list = (action: Action): void => {
    if (actions.length >= ACTIONS_LIMIT)
      throw new DchatError('usage/invalid-argument', {
        name: 'actions',
        reason: `the answer to a webhook has at most ${ACTIONS_LIMIT}`,
      })
    actions.push(action)
  }
  const offer = (): { readonly offer_id: string; readonly head: string } => {
    const given = offerOf(event)
    if (given === undefined)
      throw new DchatError('usage/invalid-argument', { name: 'offer', reason: 'this event is of no offer' })
    return { offer_id: given.id, head: given.head }
  }
  const offerVerbs = (name: () => string): OfferVerbs => {
    const step = (action: Action): OfferStep => {
      list(action)
      return stepToBe()
    }
    const named = () => ({ client_id: name() })
    return {
      propose: async (terms) => step({ do: 'offer_make', ...named(), terms: actionTermsOf(terms) }),
      counter: async (terms) => step({ do: 'offer_counter', ...named(), ...offer(), terms: actionTermsOf(terms) }),
      accept: async () => step({ do: 'offer_accept', ...named(), ...offer() }),
      decline: async (reason) =>
        step({ do: 'offer_decline', ...named(), ...offer(), ...(reason !== undefined && { reason }) }),
      withdraw: async () => step({ do: 'offer_withdraw', ...named(), ...offer() }),
      receipt: async () => {
        throw withoutClient('receipt')
      },
    }
  }
  return {
    actions,
    doing: {
      act: async (action, name) => {
        list(action.do === 'typing' || action.do === 'none' ? action : { ...action, client_id: name })
        return { do: action.do }
      },
      sent: () => ({
        get id(): never {
          throw withoutClient('id')
        },
      }),
      offerVerbs,
    },
  }
}
