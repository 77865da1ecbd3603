import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeOf, rememberPlace, SMALLEST, windowOptions } from '../../src/core/window.ts'

const screen = { x: 0, y: 0, width: 1920, height: 1040 }
const second = { x: 1920, y: -200, width: 1280, height: 1000 }
const bounds = { x: 2000, y: -100, width: 900, height: 700 }

describe('the window opens', () => {
  test('where it was closed', () => {
    expect(placeOf(rememberPlace(bounds, true), [screen, second])).toEqual({ ...bounds, maximized: true })
  })

  test('in its size but where the system likes, if that screen is gone', () => {
    expect(placeOf(rememberPlace(bounds, false), [screen])).toEqual({ width: 900, height: 700, maximized: false })
  })

  test('with its title bar where somebody can take hold of it', () => {
    for (const change of [{ y: -30 }, { y: 1020 }, { x: 1900 }, { x: -880 }]) {
      const place = placeOf(rememberPlace({ ...bounds, x: 100, y: 100, ...change }, false), [screen])
      expect(place.x, JSON.stringify(change)).toBeUndefined()
    }
  })

  test.each([undefined, '', 'null', '{}', '[]', '{"x":"1"}', '{"x":1e99,"y":0,"width":1,"height":1,"maximized":true}'])(
    'in its first place if it remembers %s',
    (text) => expect(placeOf(text, [screen])).toEqual({ width: 1180, height: 780, maximized: false }),
  )

  test('never smaller than it works, whatever was written', () => {
    const side = fc.integer({ min: -5000, max: 5000 })
    fc.assert(
      fc.property(fc.record({ x: side, y: side, width: side, height: side }), (each) => {
        const { width, height } = placeOf(rememberPlace(each, false), [screen])
        expect(width).toBeGreaterThanOrEqual(SMALLEST.width)
        expect(height).toBeGreaterThanOrEqual(SMALLEST.height)
      }),
    )
  })
})

test('the page of a window has no more rights than in a browser', () => {
  expect(windowOptions('preload.cjs', { width: 1, height: 1, maximized: false }, true).webPreferences).toEqual({
    preload: 'preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: true,
  })
})
