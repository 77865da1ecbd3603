import type { Outcome } from './commands.ts'
import type { Random } from './random.ts'

export const SELLER = 'ann'
export const BUYER = 'bob'

/** A step that a command said was done. */
export interface Done {
  readonly who: string
  readonly offer: string
  readonly event: string
  readonly step: string
}

/** One step of an offer by a command of its own, until it comes to something. */
export type Act = (who: string, ...argv: string[]) => Promise<Outcome & { readonly done?: Done }>

export interface Bargain {
  /** Steps, refused ones too: so many outcomes it has. */
  readonly steps: number
  run(act: Act): Promise<void>
}

export interface Sale extends Bargain {
  readonly stock: number
  /** Known once it has run. */
  listing(): string
}

const must = async (acting: ReturnType<Act>): Promise<Done> => {
  const { done, ...rest } = await acting
  if (done === undefined) throw new Error(`a step was refused: ${JSON.stringify(rest)}`)
  return done
}

/** Two people come to terms, and the deal is settled to its end, or cancelled by both. */
export const haggle = (random: Random): Bargain => {
  const isSettled = random.next() < 0.5
  const price = random.whole(100, 900)
  return {
    steps: isSettled ? 9 : 6,
    run: async (act) => {
      const made = await must(act(SELLER, 'offer', 'make', BUYER, '--item', `Lamp @ EUR ${price}`))
      const low = await must(act(BUYER, 'offer', 'counter', made.event, '--price', `EUR ${price - 50}`))
      const high = await must(act(SELLER, 'offer', 'counter', low.event, '--price', `EUR ${price - 20}`))
      await must(act(BUYER, 'offer', 'accept', high.event))
      const settling: [string, string][] = isSettled
        ? [
            [SELLER, 'request-payment'],
            [BUYER, 'report-payment'],
            [SELLER, 'confirm-payment'],
            [SELLER, 'fulfil'],
            [BUYER, 'complete'],
          ]
        : [
            [SELLER, 'cancel'],
            [BUYER, 'cancel'],
          ]
      for (const [who, step] of settling) await must(act(who, 'offer', 'settle', made.offer, step))
    },
  }
}

/** An offer is withdrawn and accepted at once: one of the two counts. */
export const race = (): Bargain => ({
  steps: 3,
  run: async (act) => {
    const made = await must(act(SELLER, 'offer', 'make', BUYER, '--item', 'Clock @ EUR 40'))
    await Promise.all([act(SELLER, 'offer', 'withdraw', made.event), act(BUYER, 'offer', 'accept', made.event)])
  },
})

/** More is asked of a listing than there is; one piece by a price of the buyer's own. */
export const sale = (random: Random): Sale => {
  const offers = random.whole(3, 6)
  const stock = random.whole(1, offers - 1)
  let listing = ''
  return {
    stock,
    listing: () => listing,
    steps: 2 * offers + 2,
    run: async (act) => {
      const listed = await act(SELLER, 'listing', 'create', 'Tickets', '--item', `${stock} x Ticket @ EUR 9`)
      if (!listed.ok) throw new Error(`the listing was refused: ${listed.code}`)
      listing = listed.data.id as string
      const made: Done[] = []
      for (let n = 0; n < offers; n += 1)
        made.push(await must(act(SELLER, 'offer', 'make', BUYER, '--listing', listing)))
      const [first, ...others] = made as [Done, ...Done[]]
      const buyFirst = async () => {
        const counter = await must(act(BUYER, 'offer', 'counter', first.event, '--price', 'EUR 8'))
        await act(SELLER, 'offer', 'accept', counter.event)
      }
      const buyOthers = async () => {
        for (const { event } of others) await must(act(BUYER, 'offer', 'accept', event))
      }
      await Promise.all([buyFirst(), buyOthers()])
    },
  }
}
