import { expect, test } from 'vitest'
import { host } from '#host'
import { type Client, createClient, importBackup, isDchatError, type Listing, type TakeOver } from '../../src/index.ts'
import { isOpen, secondDevice } from './link-support.ts'
import { secondDevice as phraseDevice, until } from './personal-support.ts'
import { company, person } from './support.ts'

const PASSPHRASE = 'a long passphrase'
const SENT = { wait: 'sent', timeout: 60_000 } as const
const net = company()
const join = async (): Promise<Client> => (await net.join()).client

/** A store from a backup that was made now, to be opened later. */
const backedUp = async (client: Client): Promise<() => Promise<Client>> => {
  const parts: Uint8Array[] = []
  for await (const part of client.backup.export({ passphrase: PASSPHRASE })) parts.push(part)
  return async () => {
    const place = await host.place()
    const source = async function* () {
      yield* parts
    }
    await importBackup({ ...place, source: source(), passphrase: PASSPHRASE })
    const restored = await createClient({ ...place, strangers: 'allow' })
    net.open.push(restored)
    return restored
  }
}

/** A seller, and a buyer who takes one piece after the other. */
const shop = async () => {
  const one = await person(net.relay)
  const seller = one.client
  net.open.push(seller)
  await seller.connect()
  const buyer = await join()
  const chat = await seller.conversations.dm(buyer.address)
  await chat.send('There are lamps', { wait: 'delivered', timeout: 60_000 })
  const unitPrice = { minor: '4000', currency: 'EUR', exponent: 2 }
  const listing = await seller.listings.create({ title: 'Lamps', items: [{ title: 'Lamp', unitPrice, stock: 3 }] })
  const sellOne = async (by: Client) => {
    const { offer } = await by.offers.make(chat.id, await by.listings.terms(listing.id), SENT)
    const isOffered = async () => (await buyer.offers.get(offer))?.state
    await until(isOffered, (state) => state === 'open')
    await buyer.offers.accept(offer, SENT)
    for (const client of [by, buyer])
      await until(
        () => client.offers.get(offer),
        (now) => now?.deals[0]?.state === 'agreed',
      )
  }
  return { one, seller, buyer, id: listing.id, sellOne }
}

const taken = async (client: Client, id: string, options: TakeOver = {}): Promise<Listing> => {
  for (const end = Date.now() + 60_000; ; ) {
    try {
      return await client.listings.takeOver(id, { wait: 20_000, ...options })
    } catch (error) {
      if (!isDchatError(error, 'offer/not-counted') || Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

test('what was sold after a backup is counted before its store sells again', async () => {
  const { seller, id, sellOne } = await shop()
  await sellOne(seller)
  const restore = await backedUp(seller)
  await sellOne(seller)
  await seller.close()
  const again = await restore()
  expect(await again.listings.get(id)).toMatchObject({ state: 'paused', isHere: true, left: [{ sold: 1 }] })
  await expect(again.listings.terms(id)).rejects.toMatchObject({ code: 'offer/not-for-sale' })
  await expect(again.listings.takeOver(id)).rejects.toMatchObject({ code: 'offer/not-counted' })
  await again.connect()
  expect(await taken(again, id)).toMatchObject({ state: 'open', left: [{ stock: 3, sold: 2, available: 1 }] })
  await sellOne(again)
  await expect(again.listings.terms(id)).rejects.toMatchObject({ code: 'offer/out-of-stock' })
})

test('a store from a backup does not sell a listing that its device had handed over since', async () => {
  const { seller, id, sellOne } = await shop()
  const there = await secondDevice(seller, net.relay)
  net.open.push(there)
  await isOpen(there)
  await until(
    () => there.listings.get(id),
    (listing) => listing !== undefined,
  )
  const restore = await backedUp(seller)
  await seller.listings.handOver(id, there.device)
  await until(
    () => there.listings.get(id),
    (listing) => listing?.isHere === true,
  )
  await sellOne(there)
  await seller.close()
  const again = await restore()
  await again.connect()
  // Whatever it believed: the other device sells, and is asked.
  const back = await taken(again, id)
  expect(back).toMatchObject({ isHere: true, state: 'open', left: [{ sold: 1, available: 2 }] })
  const now = await there.listings.get(id)
  expect(now).toMatchObject({ isHere: false })
})

test('who has nothing but the phrase takes the listings of the lost device over once it is revoked', async () => {
  const { one, seller, id, sellOne } = await shop()
  await sellOne(seller)
  await seller.close()
  const { client: again } = await phraseDevice(one, net.relay)
  net.open.push(again)
  await again.connect()
  const known = await until(
    () => again.listings.get(id),
    (listing) => listing !== undefined,
  )
  expect(known).toMatchObject({ isHere: false, holder: seller.device, state: 'open' })
  await expect(again.listings.takeOver(id)).rejects.toMatchObject({ code: 'offer/held-elsewhere' })
  await again.devices.revoke(seller.device)
  // Of the past it knows what was told: steps that nobody can give it any more are on its person's word.
  expect(await taken(again, id, { uncounted: true })).toMatchObject({
    isHere: true,
    state: 'open',
    left: [{ stock: 3, sold: 1, available: 2 }],
  })
  await sellOne(again)
})
