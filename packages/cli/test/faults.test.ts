import { DchatError } from '@dchat/sdk/errors'
import { expect, test } from 'vitest'
import { createFaults } from '../src/methods/faults.ts'

test('a fault ends all who wait at that time, and nobody who comes later', async () => {
  const faults = createFaults()
  const stop = new AbortController()
  const waiting = [faults.next(stop.signal), faults.next(stop.signal)]
  const full = new DchatError('storage/full', { store: 'this profile' })
  expect(faults.report(full)).toBe(true)
  expect(faults.report(full)).toBe(false)
  for (const one of waiting) await expect(one).rejects.toBe(full)
  const later = faults.next(stop.signal)
  stop.abort('stopped')
  await expect(later).rejects.toBe('stopped')
  await expect(faults.next(stop.signal)).rejects.toBe('stopped')
})
