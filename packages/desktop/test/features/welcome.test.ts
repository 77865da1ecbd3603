import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placesToAsk, wrongPlaces } from '../../src/renderer/features/settings/phrase-check.ts'
import { deviceName } from '../../src/renderer/features/welcome/begin.ts'

describe('the check of the recovery phrase', () => {
  test('asks for as many different words as it says, in their order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 24 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999 })),
        (n, random) => {
          const places = placesToAsk(n, 3, () => random.next().value as number)
          expect(new Set(places).size).toBe(3)
          expect(places.every((place) => place >= 0 && place < n)).toBe(true)
          expect(places).toEqual(places.toSorted((a, b) => a - b))
        },
      ),
    )
  })

  test('finds the words that are wrong, and takes case and space as they come', () => {
    const phrase = 'abandon ability able about'
    expect(
      wrongPlaces(
        phrase,
        new Map([
          [0, ' Abandon '],
          [2, 'able'],
        ]),
      ),
    ).toEqual([])
    expect(
      wrongPlaces(
        phrase,
        new Map([
          [0, 'ability'],
          [2, 'able'],
          [3, ''],
        ]),
      ),
    ).toEqual([0, 3])
  })
})

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36',
    'Chrome on Linux',
  ],
  ['Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0', 'Edge on Windows'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 15) dchat/0.1.0 Chrome/150.0 Electron/45.4 Safari/537.36', 'dchat on macOS'],
  ['curl', 'A device'],
])('a device is called by what it says of itself: %s', (agent, name) => expect(deviceName(agent)).toBe(name))
