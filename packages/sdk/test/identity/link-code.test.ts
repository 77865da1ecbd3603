import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatLinkText,
  formatShortCode,
  newLinkSecret,
  newShortCode,
  parseLinkCode,
} from '../../src/protocol/identity/link-code.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { toHex } from '../../src/util/bytes.ts'

const relay = 'wss://relay.example/a' as RelayUrl
const bytes = fc.uint8Array({ minLength: 26, maxLength: 26 })
const from = (given: Uint8Array) => (length: number) => given.slice(0, length)
const refused = expect.objectContaining({ code: 'usage/invalid-argument' })

describe('a short code', () => {
  test('has nine letters, and means the same however a person types it', () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(' ', '-', '', '\t'), fc.boolean(), (given, gap, small) => {
        const code = newShortCode(from(given))
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{9}$/)
        const typed = [...code.replaceAll('1', 'l').replaceAll('0', 'O')].join(gap)
        const read = parseLinkCode(small ? typed.toLowerCase() : typed)
        expect(read).toEqual(parseLinkCode(formatShortCode(code)))
        expect([read.slot.length, read.relay]).toEqual([16, undefined])
      }),
    )
    expect(formatShortCode('ABCDEFGHJ')).toBe('ABC-DEF-GHJ')
  })

  test('says by its first four letters alone where the two meet: the relay learns nothing of the rest', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const [a, b] = [one, other].map((given) => newShortCode(from(given))) as [string, string]
        const [x, y] = [parseLinkCode(a), parseLinkCode(`${a.slice(0, 4)}${b.slice(4)}`)]
        expect(toHex(x.slot)).toBe(toHex(y.slot))
        expect(toHex(x.prs) === toHex(y.prs)).toBe(a.slice(4) === b.slice(4))
      }),
    )
  })
})

test('the text of a QR code gives secret and relay back', () => {
  fc.assert(
    fc.property(bytes, (given) => {
      const secret = newLinkSecret(from(given))
      const text = formatLinkText(secret, relay)
      expect(text.startsWith('dchat-link:')).toBe(true)
      const read = parseLinkCode(` ${text} `)
      expect(read.relay).toBe(relay)
      expect(new TextDecoder().decode(read.prs)).toBe(secret)
      expect(parseLinkCode(text.replace('dchat-link', 'DCHAT-LINK'))).toEqual(read)
    }),
  )
})

test('what is no code is refused, whatever it is', () => {
  const wrong = ['', 'ABC', 'ABC-DEF-GHU', 'dchat-link:', 'dchat-link:ABC?r=wss://a', `dchat-link:${'A'.repeat(26)}`]
  const worse = [`dchat-link:${'A'.repeat(26)}?r=%ff`, `dchat-link:${'A'.repeat(26)}?r=http://a`, 'A'.repeat(2_000)]
  for (const text of [...wrong, ...worse]) expect(() => parseLinkCode(text)).toThrow(refused)
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.boolean(), (text, link) => {
      try {
        parseLinkCode(link ? `dchat-link:${text}` : text)
      } catch (error) {
        expect(error).toEqual(refused)
      }
    }),
  )
})
