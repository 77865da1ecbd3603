import { parseRelayUrl, type RelayHealth } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { refusalOf, stateOf } from '../../src/renderer/features/settings/relay-words.ts'

const home = (name: string, more: Partial<RelayHealth> = {}): RelayHealth => ({
  relay: parseRelayUrl(`wss://${name}.example`),
  home: true,
  state: 'ready',
  faults: [],
  ...more,
})
const choir = home('choir', { uninvited: true })

test('a home relay that asks for an invitation is named, with what that means', () => {
  expect(refusalOf([home('one'), home('two')])).toBeUndefined()
  expect(refusalOf([choir])).toEqual({
    relay: 'wss://choir.example',
    text: 'Your home relay takes people by invitation and does not know you yet. What you write waits here.',
  })
  expect(refusalOf([home('one'), choir])?.text).toBe(
    'wss://choir.example takes people by invitation and does not know you yet. Your other home relays do its work.',
  )
  expect(refusalOf([choir, home('other', { uninvited: true })])?.text).toContain('What you write waits here.')
  expect([choir, home('one')].map((relay) => stateOf(relay).word)).toEqual(['Asks for an invitation', 'Connected'])
})
