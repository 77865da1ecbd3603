import type { Client } from '../../client/client.ts'
import { isDchatError } from '../../errors.ts'
import type { Address, ConversationId, MessageId } from '../../records/ids.ts'
import type { Offer, TermsDraft } from '../../records/offer.ts'
import type { SimDevice } from '../sim/types.ts'
import type { Stage } from './stage.ts'
import type { Step } from './step.ts'

const euro = (minor: number) => ({ minor: `${minor}`, currency: 'EUR', exponent: 2 })

const draftOf = (pick: number): TermsDraft => ({
  items: [{ title: `thing ${pick}`, unitPrice: euro(1_000 + pick) }],
  revocable: pick % 7 !== 0,
  // Some are over while the schedule still runs.
  expiresIn: pick % 3 === 0 ? 600 : 86_400,
})

/** To everybody, to the first two, to one, or signed by two of three: the number decides. */
export const makeOffer = async (
  stage: Stage,
  device: SimDevice,
  client: Client,
  chat: ConversationId,
  { offer }: Step & { do: 'offer' },
): Promise<void> => {
  const draft = draftOf(offer)
  const record = await client.conversations.get(chat)
  const people = record?.kind === 'group' ? (await client.groups.info(chat)).members.map(({ address }) => address) : []
  const others = people.filter((address) => address !== client.address)
  const { message } = await client.offers.make(chat, { ...draft, ...sidesOf(offer, client.address, others) })
  stage.promise(device, chat, message)
}

const sidesOf = (pick: number, own: Address, others: readonly Address[]): TermsDraft => {
  const [one] = others
  if (one === undefined) return {}
  if (pick % 4 === 0) return { takers: 1 + (pick % 3) }
  if (pick % 4 === 1 && others.length > 1) return { parties: [own, ...others.slice(0, 2)], threshold: 2 }
  return { parties: [others[pick % others.length] as Address] }
}

/** Answers, settles, or does the same twice at once: what follows from the numbers and from what is there. */
export const stepOffer = async (
  stage: Stage,
  device: SimDevice,
  client: Client,
  chat: ConversationId,
  { offer: pick, what }: Step & { do: 'step' },
): Promise<void> => {
  const { items } = await client.offers.list({ conversation: chat, limit: 1_000 })
  const live = items.filter(({ state, deals }) => state === 'open' || deals.some((deal) => deal.state === 'agreed'))
  const offer = live[pick % live.length]
  if (offer === undefined) return
  const steps = stepsFor(offer)
  const from = what % steps.length
  // What is not this person's to do gives way to the next.
  for (const act of [...steps.slice(from), ...steps.slice(0, from)]) {
    try {
      const { message } = await act(client)
      return stage.promise(device, chat, message)
    } catch (error) {
      if (!isDchatError(error) || !error.code.startsWith('offer/')) throw error
    }
  }
}

type Act = (client: Client) => Promise<{ readonly message: MessageId }>

const stepsFor = ({ id, state, history, deals }: Offer): readonly Act[] => {
  const [deal] = deals
  if (state !== 'open' && deal !== undefined)
    return [
      ({ offers }) => offers.requestPayment(id, { rail: 'manual' }, { deal: deal.id }),
      ({ offers }) => offers.reportPayment(id, undefined, { deal: deal.id }),
      ({ offers }) => offers.confirmPayment(id, undefined, { deal: deal.id }),
      ({ offers }) => offers.fulfil(id, undefined, { deal: deal.id }),
      ({ offers }) => offers.complete(id, { deal: deal.id }),
      ({ offers }) => offers.cancel(id, { deal: deal.id }),
    ]
  return [
    ({ offers }) => offers.accept(id),
    ({ offers }) => offers.accept(id),
    // By whoever looked at it a while ago.
    ({ offers }) => offers.accept(id, { head: history[0]?.id ?? id }),
    ({ offers }) => offers.counter(id, { price: { total: euro(900 + history.length) } }),
    ({ offers }) => offers.decline(id),
    ({ offers }) => offers.withdraw(id),
  ]
}
