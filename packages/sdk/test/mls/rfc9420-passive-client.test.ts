import { joinGroup, makePskIndex } from 'ts-mls/clientState.js'
import { expect, test } from 'vitest'
import { passiveClients } from './passive-client.ts'

test('passive-client-welcome.json through the repaired library', async () => {
  expect(await passiveClients(joinGroup, makePskIndex)).toBe(32)
})
