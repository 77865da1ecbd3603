import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FIRST_TERM, placeRoom } from '../../src/domain/rooms/dm-terms.ts'

test('the first room has space on both sides', () => {
  expect(placeRoom([])).toBe(FIRST_TERM)
})

test('rooms that come one after the other never share a place, and stand as the merge decided', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (givesWay) => {
      const taken: number[] = []
      for (const loses of givesWay) {
        const winner = Math.max(...taken)
        const before = loses && taken.length > 0 ? winner : undefined
        const term = placeRoom(taken, before)
        expect(taken).not.toContain(term)
        if (before !== undefined) expect(term).toBeLessThan(before)
        else for (const other of taken) expect(term).toBeGreaterThan(other)
        taken.push(term)
      }
      expect(Math.min(...taken, FIRST_TERM)).toBeGreaterThan(0)
    }),
  )
})
