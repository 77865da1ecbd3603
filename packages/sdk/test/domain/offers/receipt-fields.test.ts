import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifyOfferReceipt } from '../../../src/domain/offers/verify-receipt.ts'
import { isDchatError } from '../../../src/errors.ts'
import { encodeOfferReceipt } from '../../../src/protocol/offers/receipt-file.ts'
import { testCrypto } from '../../support/crypto.ts'
import { changesOf, type Edited, leavesOf, shapesOf } from './receipt-fields.ts'
import { good, moved } from './receipt-support.ts'

/** What a verifier says of a file: nothing, if it holds. */
const faultOf = async (encoded: Uint8Array): Promise<{ field: string; reason: string } | undefined> => {
  try {
    await verifyOfferReceipt(testCrypto, encoded)
    return undefined
  } catch (error) {
    if (isDchatError(error, 'offer/bad-receipt')) return error.details
    throw error
  }
}

/** The field that was changed, or a signed whole that holds it; where one hash covers several, one of those named. */
const names = (field: string, path: string): boolean =>
  field.split(' or ').some((named) => path === named || path.startsWith(`${named}.`) || path.startsWith(`${named}[`))

const wrong = async (edited: Iterable<Edited>, holds: (field: string, path: string) => boolean): Promise<string[]> => {
  const found: string[] = []
  for (const { path, change, encoded } of edited) {
    const fault = await faultOf(encoded)
    if (fault === undefined) found.push(`${path}: ${change} holds`)
    else if (!holds(fault.field, path)) found.push(`${path}: ${change} is named ${fault.field} (${fault.reason})`)
  }
  return found
}

describe.each([
  ['of one relay', good, /./],
  // What people signed stands in the other one too.
  ['of two relays', moved, /^(?!people|steps.*offer\[)/],
] as const)('a receipt %s', (_, file, tried) => {
  const encoded = encodeOfferReceipt(file)
  const these = (edited: Iterable<Edited>) => [...edited].filter(({ path }) => tried.test(path))

  test('has every field of steps, certificates and relay receipts among those that are changed', () => {
    const paths = leavesOf(encoded).map(({ path }) => path)
    for (const [at] of file.steps.entries())
      for (const field of [
        ...['relay', 'epoch', 'reference', 'body', 'salt', 'offer[0].author', 'offer[0].termsHash', 'offer[1]'],
        ...['topic', 'seq', 'previous', 'entry', 'kind', 'time', 'index', 'size', 'signature'].map(
          (name) => `receipt.${name}`,
        ),
      ])
        if (field !== 'offer[0].termsHash' || at < 3) expect(paths).toContain(`steps[${at}].${field}`)
    for (const field of [
      ...['deal', 'format', 'v', 'relays[0]', 'people[1].address', 'people[0].log[0].root'],
      ...['people[0].log[1].content.body.deviceKey', 'people[1].log[1].signature', 'steps[2].receipt.path[2]'],
      ...['steps[0].offer[0].terms.price.lines[0].amount.minor', 'steps[0].offer[0].terms.parties[0]'],
    ])
      expect(paths).toContain(field)
  })

  test('holds, and does not once any single field is another one: what was changed is named', async () => {
    expect(await faultOf(encoded)).toBeUndefined()
    expect(await wrong(these(changesOf(encoded)), names)).toEqual([])
  })

  test('does not hold with a field or an element more, less or elsewhere; it may only end sooner', async () => {
    const last = `steps[${file.steps.length - 1}]`
    expect(await wrong(these(shapesOf(encoded)), () => true)).toEqual([`${last}: left out holds`])
  })

  test('does not hold with any bit of the file the other way round', async () => {
    const bit = fc.nat({ max: encoded.length * 8 - 1 })
    await fc.assert(
      fc.asyncProperty(bit, async (at) => {
        const flipped = encoded.slice()
        flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7))
        expect(await faultOf(flipped)).toBeDefined()
      }),
      { numRuns: 200 },
    )
  })
})
