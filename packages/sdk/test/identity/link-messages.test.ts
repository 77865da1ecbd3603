import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeLinkAnswer,
  decodeLinkOffer,
  decodeLinkPart,
  decodeLinkReply,
  encodeLinkAnswer,
  encodeLinkOffer,
  encodeLinkReply,
  type LinkGrant,
  linkKeys,
  openLinkDevice,
  openLinkGrant,
  openLinkStored,
  sealLinkDevice,
  sealLinkGrant,
  sealLinkStored,
} from '../../src/protocol/identity/link-messages.ts'
import { answerPairing, beginPairing, finishPairing, isTag } from '../../src/protocol/identity/link-pairing.ts'
import { pakeScalar } from '../../src/protocol/identity/link-pake.ts'
import { RENDEZVOUS_BODY_LIMIT } from '../../src/protocol/wire/limits.ts'
import { utf8 } from '../../src/util/bytes.ts'
import { testCrypto } from '../support/crypto.ts'
import { mutated, typedOrThrow } from '../support/mutation.ts'

const { random } = testCrypto
const fill = (length: number, value = 1) => new Uint8Array(length).fill(value)
const keys = linkKeys(fill(64))
const grant: LinkGrant = { log: [fill(1_300), fill(40)], relays: ['wss://relay.example'], archiveKeys: fill(33) }

const pairing = (mine: string, theirs: string) => {
  const [x, y] = [pakeScalar(random), pakeScalar(random)]
  const offer = beginPairing({ prs: utf8(mine) }, random(16), x)
  const answered = answerPairing({ prs: utf8(theirs) }, offer, y)
  if (answered === undefined) throw new Error('no answer')
  return { offer, x, ...answered, finished: finishPairing(offer, x, answered.answer) }
}

describe('a pairing', () => {
  test('gives both sides one key, of which each shows the other that it has it', () => {
    const { pairing: old, finished } = pairing('secret', 'secret')
    expect(finished?.keys).toEqual(old.keys)
    expect(isTag(old.expected, finished?.tag as Uint8Array)).toBe(true)
  })

  test('ends for the new device when the old one does not know the secret, or answers with no share', () => {
    const { finished, offer, x, answer } = pairing('secret', 'other')
    expect(finished).toBeUndefined()
    expect(finishPairing(offer, x, { ...answer, y: new Uint8Array(32) })).toBeUndefined()
    expect(answerPairing({ prs: utf8('secret') }, { ...offer, y: new Uint8Array(32) }, x)).toBeUndefined()
  })

  test('cannot be turned back on its sender: each side has a tag of its own', () => {
    const { pairing: old, answer } = pairing('secret', 'secret')
    expect(isTag(old.expected, answer.tag)).toBe(false)
  })
})

test('a device comes out as it went in, and only with its own key', async () => {
  const seed = fill(32, 7)
  const about = { deviceKey: await testCrypto.ed25519.publicKey(seed), introKey: fill(1216), name: 'laptop' }
  const sealed = await sealLinkDevice(testCrypto, keys, seed, about)
  expect(await openLinkDevice(testCrypto, keys, sealed)).toEqual(about)
  const stolen = await sealLinkDevice(testCrypto, keys, seed, { ...about, deviceKey: fill(32, 9) })
  await expect(openLinkDevice(testCrypto, keys, stolen)).rejects.toMatchObject({ code: 'crypto/bad-signature' })
  const elsewhere = linkKeys(fill(64, 2))
  await expect(openLinkDevice(testCrypto, elsewhere, sealed)).rejects.toMatchObject({ code: 'crypto/cannot-decrypt' })
})

test('a grant of any size comes over in bounded messages; a refusal is one of them', () => {
  const pieces = (given: LinkGrant | undefined) =>
    sealLinkGrant(random, keys, given).map((part) => {
      expect(part.length).toBeLessThanOrEqual(RENDEZVOUS_BODY_LIMIT)
      return decodeLinkPart(part)
    })
  for (const log of [[fill(10)], Array.from({ length: 100 }, () => fill(1_300))]) {
    const parts = pieces({ ...grant, log })
    expect(parts.every(([total]) => total === parts.length)).toBe(true)
    const all = parts.map(([, piece]) => piece)
    expect(openLinkGrant(keys, all)).toEqual({ ...grant, log })
    if (all.length > 1) expect(() => openLinkGrant(keys, [...all].reverse())).toThrow('another key')
  }
  expect(
    openLinkGrant(
      keys,
      pieces(undefined).map(([, piece]) => piece),
    ),
  ).toBeUndefined()
  const tooLong = Array.from({ length: 1_000 }, () => fill(8_000))
  expect(() => sealLinkGrant(random, keys, { ...grant, log: tooLong })).toThrow(
    expect.objectContaining({ code: 'protocol/too-large' }),
  )
  openLinkStored(keys, sealLinkStored(random, keys))
})

test('decoders answer whatever comes with a value or a typed error', async () => {
  const offer = encodeLinkOffer({ sid: fill(16), y: fill(32) })
  const answer = encodeLinkAnswer({ y: fill(32), tag: fill(64) })
  const reply = encodeLinkReply({ tag: fill(64), sealed: fill(100) })
  expect(decodeLinkOffer(offer)).toEqual({ sid: fill(16), y: fill(32) })
  expect(decodeLinkAnswer(answer)).toEqual({ y: fill(32), tag: fill(64) })
  expect(decodeLinkReply(reply)).toEqual({ tag: fill(64), sealed: fill(100) })
  expect(decodeLinkReply(encodeLinkReply('refused'))).toBe('refused')
  const part = sealLinkGrant(random, keys, grant)[0] as Uint8Array
  const stored = sealLinkStored(random, keys)
  const readers: readonly (readonly [Uint8Array, (bytes: Uint8Array) => unknown])[] = [
    [offer, decodeLinkOffer],
    [answer, decodeLinkAnswer],
    [reply, decodeLinkReply],
    [part, decodeLinkPart],
    [part, (bytes) => openLinkGrant(keys, [bytes])],
    [stored, (bytes) => openLinkStored(keys, bytes)],
  ]
  for (const [bytes, read] of readers)
    fc.assert(
      fc.property(mutated([bytes]), (changed) => {
        typedOrThrow(() => read(changed))
      }),
      { numRuns: 200 },
    )
})
