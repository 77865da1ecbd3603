import { beforeEach, expect, test } from 'vitest'
import { Ratchets } from '../../src/testing/sim/ratchets.ts'
import { concat, utf8 } from '../../src/util/bytes.ts'

/** A check that cannot fail proves nothing: it sees what was doctored into a device's life, and nothing else. */
let ratchets: Ratchets
let reused: string[]
beforeEach(() => {
  ratchets = new Ratchets()
  reused = []
  ratchets.onReuse((device) => reused.push(device))
})

const KEY = new Uint8Array(16).fill(7)

/** Seals, wraps and, unless it dies before, sends. */
const say = (text: string, { key = KEY, device = 'ann/1', nonce = 0, leaves = true } = {}) => {
  const notes = ratchets.of(device)
  const sealed = utf8(`sealed ${nonce} ${text}`)
  notes.sealed(key, utf8(text), sealed)
  const body = utf8(`wrapped ${Buffer.from(sealed).toString('hex')}`)
  notes.wrapped(concat(utf8('message '), sealed, new Uint8Array(40)), body)
  if (leaves)
    ratchets.seen({ at: 0, from: device, to: 'hub', type: 'request', bytes: concat(utf8('frame '), body, utf8('!')) })
}

test('two messages under one key are seen, also of two lives of a device', () => {
  say('one')
  expect(reused).toEqual([])
  say('two', { nonce: 1 })
  expect(reused).toEqual(['ann/1'])
})

test('the same message again is none, and neither is another key', () => {
  say('one')
  say('one')
  say('one', { nonce: 1 })
  say('two', { key: new Uint8Array(16).fill(8) })
  expect(reused).toEqual([])
})

test('what a crash took back before it left the device may be sealed anew', () => {
  say('one', { leaves: false })
  say('two', { nonce: 1 })
  expect(reused).toEqual([])
  // Unless it was on its way all the same.
  const late = utf8(`wrapped ${Buffer.from(utf8('sealed 0 one')).toString('hex')}`)
  ratchets.seen({ at: 1, from: 'ann/1', to: 'hub', type: 'request', bytes: late })
  expect(reused).toEqual(['ann/1'])
})
