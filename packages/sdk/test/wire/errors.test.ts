import { describe, expect, test } from 'vitest'
import { DchatError } from '../../src/errors.ts'
import { decodeCbor, encodeCbor } from '../../src/protocol/wire/cbor.ts'
import { decodeError, encodeError } from '../../src/protocol/wire/error-codec.ts'
import { decodeFrame, encodeFrame } from '../../src/protocol/wire/frame-codec.ts'
import { negotiateVersion } from '../../src/protocol/wire/version.ts'

const RELAY = 'ws://relay.example'

const across = (error: unknown) => {
  const frame = decodeFrame(encodeFrame({ type: 'error', id: 1, ...encodeError(error) }))
  return frame.type === 'error' ? decodeError(frame.code, frame.details, RELAY) : undefined
}

describe('errors on the wire', () => {
  test.each<DchatError>([
    new DchatError('relay/wrong-epoch', { topic: 'ab', epoch: 3 }),
    new DchatError('relay/unknown-topic', { topic: 'ab' }),
    new DchatError('relay/not-permitted', { what: 'reading' }),
    new DchatError('relay/conflict', { what: 'reference' }),
    new DchatError('relay/quota', { what: 'key packages', limit: 100 }),
    new DchatError('transport/rate-limited', { retryAfter: 250 }),
    new DchatError('transport/rejected', { relay: RELAY, reason: 'no' }),
    new DchatError('identity/unknown-peer', { peer: 'x', hint: 'y' }),
    new DchatError('protocol/unsupported-version', { found: [1, 2], supported: [3] }),
    new DchatError('protocol/too-large', { what: 'frame', size: 5, limit: 4 }),
  ])('$code arrives as it was', (error) => {
    const arrived = across(error)
    expect(arrived).toBeInstanceOf(DchatError)
    expect(arrived).toMatchObject({ code: error.code, details: error.details })
  })

  test('a defect of the relay leaves without its text', () => {
    const arrived = across(new TypeError('secret of the relay'))
    expect(arrived).toMatchObject({ code: 'transport/rejected', details: { relay: RELAY } })
    expect(JSON.stringify(encodeError(new Error('secret')))).not.toContain('secret')
  })

  test("trouble with the relay's disk is not told as trouble with one's own", () => {
    expect(across(new DchatError('storage/full', { store: '/data' }))).toMatchObject({
      code: 'transport/unreachable',
      retryable: true,
    })
  })

  test.each<[string, unknown, unknown]>([
    ['an unknown code', 'relay/made-up', {}],
    ['a code of this device', 'identity/wrong-passphrase', {}],
    ['a name that objects inherit', 'toString', {}],
    ['no text', 7, {}],
    ['details of a wrong shape', 'relay/wrong-epoch', { topic: 1, epoch: 'x' }],
    ['no details', 'relay/not-permitted', null],
    ['endless details', 'relay/not-permitted', { what: 'x'.repeat(10_000) }],
  ])('%s becomes a plain refusal', (_, code, details) => {
    expect(decodeError(code, details, RELAY)).toMatchObject({ code: 'transport/rejected', details: { relay: RELAY } })
  })

  test('a pause that was computed as a fraction arrives as a whole number', () => {
    expect(across(new DchatError('transport/rate-limited', { retryAfter: 249.2 }))).toMatchObject({
      code: 'transport/rate-limited',
      details: { retryAfter: 250 },
    })
  })

  test('details that CBOR cannot carry leave as a plain refusal', () => {
    const wire = encodeError(new DchatError('relay/quota', { what: 'x', limit: Number.NaN }))
    expect(wire).toMatchObject({ code: 'transport/rejected' })
    expect(decodeCbor(encodeCbor(wire as never), 'test')).toEqual(wire)
  })
})

describe('version negotiation', () => {
  test('takes the newest that both know', () => {
    expect(negotiateVersion([1, 2, 3], [2, 3, 4])).toBe(3)
    expect(negotiateVersion([1])).toBe(1)
  })

  test('fails with both lists where there is none', () => {
    expect(() => negotiateVersion([7, 8], [1])).toThrow(
      expect.objectContaining({ code: 'protocol/unsupported-version', details: { found: [7, 8], supported: [1] } }),
    )
    expect(() => negotiateVersion([], [1])).toThrow(expect.objectContaining({ code: 'protocol/unsupported-version' }))
  })
})
