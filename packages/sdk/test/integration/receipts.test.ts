import { afterEach, describe, expect, test, vi } from 'vitest'
import { receiptPage, verifyReceipt } from '../../src/index.ts'
import { fromHex } from '../../src/util/bytes.ts'
import vectors from '../../vectors/offers/receipts.json' with { type: 'json' }

const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array
const never = (what: string) => () => {
  throw new Error(`a receipt needs no ${what}`)
}

/** Nothing but the code: no network, no store, no clock, no platform cryptography. */
const alone = () => {
  for (const name of ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource', 'indexedDB', 'localStorage', 'caches'])
    vi.stubGlobal(name, never(name))
  vi.stubGlobal('crypto', undefined)
  vi.spyOn(Date, 'now').mockImplementation(never('clock'))
  vi.spyOn(performance, 'now').mockImplementation(never('clock'))
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** What this host says of the file, with nothing of the host. */
const said = async (encoded: Uint8Array): Promise<unknown> => {
  alone()
  try {
    const { terms, parties, deal, steps } = await verifyReceipt(encoded)
    return {
      total: terms.price.total,
      parties,
      deal: { id: deal.id, state: deal.state, payment: deal.payment, agreedAt: deal.agreedAt },
      steps: steps.map(({ event, acceptedAt, relay, revoked }) => ({
        type: event.type,
        author: event.author,
        acceptedAt,
        relay,
        revoked,
      })),
    }
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { field?: string } }
    return { code, field: details?.field }
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  }
}

describe('a receipt is checked by itself, in Node and in a page alike', () => {
  test.each(vectors.valid)('$name', async ({ encoded, says }) => {
    expect(await said(bytes(encoded))).toEqual(says)
  })

  test.each(vectors.invalid)('$name', async ({ encoded, field }) => {
    expect(await said(bytes(encoded))).toEqual({ code: 'offer/bad-receipt', field })
  })

  test('its page says by whose word the times are, and has neither scripts nor anything to load', async () => {
    const [first] = vectors.valid
    alone()
    const page = await receiptPage(bytes(first?.encoded as string))
    expect(page).toContain(`The times are the word of the relay with the key`)
    expect(page).toContain(vectors.relayKey)
    expect(page).not.toMatch(/<script|src=|href=|url\(/i)
  })
})
