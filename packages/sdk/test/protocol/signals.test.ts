import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDchatError } from '../../src/index.ts'
import { openSignal, sealSignal } from '../../src/protocol/signals/seal.ts'
import {
  decodeSignal,
  encodeSignal,
  SIGNAL_BYTES,
  SIGNAL_KINDS,
  SIGNAL_PAYLOAD_LIMIT,
  type Signal,
  type SignalContext,
  type SignalKind,
  signalStatement,
  unpadSignal,
} from '../../src/protocol/signals/signal.ts'
import { epochKeysOf } from '../../src/protocol/topic/epoch-keys.ts'
import { encodeCbor, statement } from '../../src/protocol/wire/cbor.ts'
import { mutated } from '../mutate.ts'
import { testCrypto } from '../support/crypto.ts'

const { signalKey, wrapKey } = epochKeysOf(new Uint8Array(32).fill(1))
const here: SignalContext = { topic: new Uint8Array(32).fill(2), epoch: 7 }
const seed = new Uint8Array(32).fill(3)
const deviceKey = await testCrypto.ed25519.publicKey(seed)
const kinds = Object.keys(SIGNAL_KINDS) as SignalKind[]

const signals: fc.Arbitrary<Signal> = fc
  .record({
    kind: fc.constantFrom(...kinds),
    time: fc.maxSafeNat(),
    payload: fc.uint8Array({ maxLength: SIGNAL_PAYLOAD_LIMIT }),
  })
  .map(({ kind, time, payload }) => ({
    kind,
    deviceKey,
    time,
    payload: kind === 'call' ? payload : new Uint8Array(),
  }))

const typing: Signal = { kind: 'typing', deviceKey, time: 1_000, payload: new Uint8Array() }
const seal = (signal: Signal, context = here) => sealSignal(testCrypto, signalKey, context, seed, signal)
const open = (body: Uint8Array, context = here, key = signalKey) => openSignal(testCrypto, key, context, body)

const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'nothing'
  } catch (error) {
    return isDchatError(error) ? error.code : 'another error'
  }
}

describe('signals', () => {
  test('come back as they were sealed, and all have one length', async () => {
    await fc.assert(
      fc.asyncProperty(signals, async (signal) => {
        const body = await seal(signal)
        expect(body.length).toBe(SIGNAL_BYTES)
        expect(await open(body)).toEqual(signal)
      }),
      { numRuns: 50 },
    )
  })

  test('are never the same bytes twice', async () => {
    expect(await seal(typing)).not.toEqual(await seal(typing))
  })

  test('say nothing in another topic or epoch, nor under another key', async () => {
    const body = await seal(typing)
    const failing = [
      () => open(body, { ...here, topic: new Uint8Array(32) }),
      () => open(body, { ...here, epoch: 8 }),
      () => open(body, here, wrapKey),
    ]
    for (const work of failing) expect(await codeOf(work)).toBe('crypto/cannot-decrypt')
  })

  test('of another size are malformed', async () => {
    const body = await seal(typing)
    for (const wrong of [body.slice(1), new Uint8Array(0), new Uint8Array(SIGNAL_BYTES + 1)])
      expect(await codeOf(() => open(wrong))).toBe('protocol/malformed')
  })

  test('are void where the device that they name did not sign them, or not for this place', async () => {
    const other = await testCrypto.ed25519.publicKey(new Uint8Array(32).fill(4))
    expect(await codeOf(async () => open(await seal({ ...typing, deviceKey: other })))).toBe('crypto/bad-signature')
    // A member who holds the key may encrypt what another one signed; it counts where it was signed for alone.
    const elsewhere = { ...here, topic: new Uint8Array(32).fill(9) }
    const signature = await testCrypto.ed25519.sign(seed, statement('signal', signalStatement(elsewhere, typing)))
    const forged = { ...testCrypto, ed25519: { ...testCrypto.ed25519, sign: async () => signature } }
    const body = await sealSignal(forged, signalKey, here, seed, typing)
    expect(await codeOf(() => open(body))).toBe('crypto/bad-signature')
  })

  test('carry what their kind may carry, and no more', async () => {
    const call: Signal = { ...typing, kind: 'call', payload: new Uint8Array(SIGNAL_PAYLOAD_LIMIT) }
    expect(await open(await seal(call))).toEqual(call)
    const large = new Uint8Array(SIGNAL_PAYLOAD_LIMIT + 1)
    expect(await codeOf(() => seal({ ...call, payload: large }))).toBe('protocol/too-large')
    const filled = encodeSignal({ ...typing, payload: new Uint8Array(1) }, new Uint8Array(64))
    expect(await codeOf(() => decodeSignal(filled))).toBe('protocol/malformed')
  })

  test('of another version, kind or shape are refused', async () => {
    const good = [1, 0, deviceKey, 1_000, new Uint8Array(), new Uint8Array(64)]
    expect(decodeSignal(encodeCbor(good)).signal).toEqual(typing)
    const spoiled = good.map((_, index) => good.map((field, at) => (at === index ? null : field)))
    for (const value of [...spoiled, [2, ...good.slice(1)], [1, kinds.length, ...good.slice(2)], [...good, 0]])
      expect(await codeOf(() => decodeSignal(encodeCbor(value)))).toBe('protocol/malformed')
  })

  test('answer mutations with a signal or a typed error', async () => {
    const encoded = encodeSignal({ ...typing, kind: 'call', payload: new Uint8Array(20) }, new Uint8Array(64))
    const sealed = await seal(typing)
    await fc.assert(
      fc.asyncProperty(mutated, async (mutate) => {
        for (const decode of [decodeSignal, unpadSignal])
          expect(await codeOf(() => decode(mutate(encoded)))).toMatch(/^nothing$|^protocol\//)
        const changed = mutate(sealed)
        expect(await codeOf(() => open(changed))).toMatch(/^nothing$|^protocol\/|^crypto\//)
      }),
      { numRuns: 300 },
    )
  })
})
