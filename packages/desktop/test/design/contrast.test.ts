import { describe, expect, test } from 'vitest'
import { colour, colourNames, fitsScreen, ratio } from './tokens.ts'

const SURFACES = ['surface-app', 'surface-pane', 'surface-raised', 'surface-overlay', 'surface-field']
const MEANINGS = ['agreed', 'attention', 'danger', 'information']
const TEXTS = ['text-strong', 'text-normal', 'text-muted', 'accent-text', ...MEANINGS.map((name) => `${name}-text`)]

const READ: readonly (readonly [text: string, surface: string])[] = [
  ...TEXTS.flatMap((text) => SURFACES.map((surface) => [text, surface] as const)),
  ...MEANINGS.map((name) => [`${name}-text`, `${name}-tint`] as const),
  ...MEANINGS.map((name) => ['text-normal', `${name}-tint`] as const),
  ['accent-tint-text', 'accent-tint'],
  ['accent-tint-muted', 'accent-tint'],
  ['accent-text', 'accent-tint'],
  ['accent-on', 'accent'],
  ['accent-on', 'accent-hover'],
  ['accent-on', 'accent-active'],
  ['meaning-on', 'agreed'],
  ['meaning-on', 'danger'],
  ['meaning-on', 'danger-hover'],
  ['meaning-on', 'danger-active'],
  ['meaning-on', 'information'],
  ['attention-on', 'attention'],
]

/** What must be seen, not read. */
const SEEN: readonly (readonly [string, string])[] = SURFACES.flatMap((surface) => [
  ['focus', surface] as const,
  ['line-control', surface] as const,
])

describe.each([
  ['light', 'plain'],
  ['dark', 'plain'],
  ['light', 'contrast'],
  ['dark', 'contrast'],
] as const)('%s, %s', (scheme, theme) => {
  const least = theme === 'contrast' ? 7 : 4.5

  test('what is read stands out from the ground beneath it', () => {
    const weak = READ.map(
      ([text, surface]) => [text, surface, ratio(colour(text, scheme, theme), colour(surface, scheme, theme))] as const,
    ).filter(([text, , found]) => found < (text.endsWith('-on') ? 4.5 : least))
    expect(weak).toEqual([])
  })

  test('rings and the edges of fields are seen', () => {
    const weak = SEEN.map(
      ([line, surface]) => [line, surface, ratio(colour(line, scheme, theme), colour(surface, scheme, theme))] as const,
    ).filter(([, , found]) => found < 3)
    expect(weak).toEqual([])
  })

  test('no colour is beyond an ordinary screen, where it would be shown as another', () => {
    expect(colourNames.filter((name) => !fitsScreen(colour(name, scheme, theme)))).toEqual([])
  })
})

test('the test sees the colours', () => {
  expect(colourNames.length).toBeGreaterThan(45)
  expect(ratio(colour('surface-overlay', 'light'), colour('text-strong', 'dark'))).toBeLessThan(1.2)
})
