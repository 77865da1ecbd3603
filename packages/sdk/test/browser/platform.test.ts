import { expect, test } from 'vitest'
import { platform } from '#platform'
import { platform as browsers } from '../../src/platform/browser.ts'

test('in a page the package’s conditions choose the parts of browsers', () => {
  expect(globalThis).toHaveProperty('document')
  expect(platform).toBe(browsers)
})
