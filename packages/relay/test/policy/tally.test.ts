import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tally } from '../../src/policy/tally.ts'

test('what is held never exceeds a bound, but for the few that everybody may have, and all of it is given back', () => {
  const names = ['a', 'b', 'c', 'd']
  const steps = fc.array(fc.record({ name: fc.constantFrom(...names), take: fc.boolean() }), { maxLength: 200 })
  const [ofOne, ofAll, few] = [10, 15, 3]
  fc.assert(
    fc.property(steps, (all) => {
      const tally = new Tally('things', ofOne, ofAll, few)
      const held = new Map(names.map((name) => [name, 0]))
      const sum = () => [...held.values()].reduce((a, b) => a + b, 0)
      for (const { name, take } of all) {
        const mine = held.get(name) ?? 0
        if (take) {
          const room = mine < ofOne && (mine < few || sum() < ofAll)
          if (room) tally.take(name)
          else expect(() => tally.take(name)).toThrow(expect.objectContaining({ code: 'relay/quota' }))
          if (room) held.set(name, mine + 1)
        } else if (mine > 0) {
          tally.give(name)
          held.set(name, mine - 1)
        }
        expect(tally.all).toBe(sum())
        expect(tally.all).toBeLessThanOrEqual(ofAll + few * names.length)
      }
      for (const [name, count] of held) tally.give(name, count)
      expect(tally.all).toBe(0)
    }),
  )
})
