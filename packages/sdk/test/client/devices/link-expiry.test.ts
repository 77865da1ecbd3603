import { expect, test } from 'vitest'
import { Rendezvous } from '../../../../relay/src/rendezvous.ts'
import { memoryStorage } from '../../../src/adapters/storage/memory.ts'
import { linkNewDevice } from '../../../src/client/devices/link-new.ts'
import type { NewLinkRecord } from '../../../src/client/devices/link-record.ts'
import { parseRelayUrl, sealedStore } from '../../../src/index.ts'
import { nodeCrypto } from '../../../src/node.ts'
import type { RelayLink, Transport } from '../../../src/ports/transport.ts'
import { RENDEZVOUS_LIFETIME } from '../../../src/protocol/wire/limits.ts'
import type { Method, Params } from '../../../src/protocol/wire/methods.ts'
import type { LinkStep } from '../../../src/records/device.ts'
import { HandClock } from '../../support/clocks.ts'

const crypto = nodeCrypto()

/** Links to a rendezvous that is no relay, so that time can be moved by hand. */
const meetingPlace = (rendezvous: Rendezvous): Transport => ({
  link: (relay) =>
    ({
      relay,
      state: { state: 'idle' },
      states: async function* () {},
      ready: async () => undefined,
      close: async () => undefined,
      request: async (method: Method, params: unknown) => {
        if (method === 'rendezvous.put') {
          const { body, ...place } = params as Params<'rendezvous.put'>
          rendezvous.put(place, body)
          return {}
        }
        const { wait, ...place } = params as Params<'rendezvous.get'>
        return { body: await rendezvous.get(place, wait) }
      },
    }) as unknown as RelayLink,
})

test('a code that nobody uses is over after ten minutes; the next one is another code for the same keys', async () => {
  const clock = new HandClock()
  const store = sealedStore(memoryStorage(), crypto.random(32), crypto.random)
  const shown: Extract<LinkStep, { step: 'waiting' }>[] = []
  const link = () =>
    linkNewDevice({
      store,
      crypto,
      clock,
      transport: meetingPlace(new Rendezvous(clock, { slots: 10, bytes: 100_000 })),
      relays: [parseRelayUrl('wss://relay.example')],
      onStep: (step) => {
        if (step.step === 'waiting') shown.push(step)
      },
    })
  const keys = async () => (await store.read((tx) => tx.get<NewLinkRecord>('meta', 'link')))?.keys

  for (const round of [1, 2]) {
    const began = clock.now()
    const over = expect(link()).rejects.toMatchObject({ code: 'identity/link-expired' })
    while (shown.length < round) await new Promise((resolve) => setTimeout(resolve, 1))
    expect((shown[round - 1]?.expiresAt ?? 0) - began).toBeLessThanOrEqual(RENDEZVOUS_LIFETIME)
    let ended = false
    void over.then(() => (ended = true))
    for (let waited = 0; !ended && waited < 2 * RENDEZVOUS_LIFETIME; waited += 10_000) {
      await clock.advance(10_000)
      if (clock.now() - began < RENDEZVOUS_LIFETIME - 30_000) expect(ended).toBe(false)
    }
    await over
    expect(clock.now() - began).toBeLessThanOrEqual(RENDEZVOUS_LIFETIME + 20_000)
  }
  const [first, second] = shown
  expect([first?.qr, first?.code]).not.toEqual([second?.qr, second?.code])
  const kept = await keys()
  expect(kept).toBeDefined()
  await expect(
    linkNewDevice({
      store,
      crypto,
      clock,
      transport: meetingPlace(new Rendezvous(clock, { slots: 0, bytes: 0 })),
      relays: [],
    }),
  ).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  expect(await keys()).toEqual(kept)
})
