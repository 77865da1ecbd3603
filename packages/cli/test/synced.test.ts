import { DchatError } from '@dchat/sdk/errors'
import { expect, test } from 'vitest'
import type { Engine } from '../src/methods/engine.ts'
import { createFaults } from '../src/methods/faults.ts'
import { caughtUp, synced } from '../src/methods/synced.ts'

const RELAY = 'wss://silent.example'

/** An owner with links up, whose sync ends as given. */
const ending = (sync: () => Promise<void>): { engine: Engine; notes: string[] } => {
  const notes: string[] = []
  const online = { ready: async () => undefined }
  const engine = { client: { sync }, online, faults: createFaults(), note: (text: string) => notes.push(text) }
  return { engine: engine as unknown as Engine, notes }
}
const silent = async () => {
  throw new DchatError('transport/unreachable', { relay: RELAY, reason: 'it takes connections and answers nothing' })
}
const { signal } = new AbortController()

test('what is only read is shown without a relay that says nothing, and the relay is named', async () => {
  const { engine, notes } = ending(silent)
  await caughtUp(engine, {}, signal)
  expect(notes).toEqual([
    `The relay ${RELAY} cannot be reached: it takes connections and answers nothing. What it holds is not here yet.`,
  ])
})

test('what is to go out does not count as out', async () => {
  const { engine, notes } = ending(silent)
  await expect(synced(engine, 1_000, signal)).rejects.toMatchObject({
    code: 'transport/unreachable',
    details: { relay: RELAY },
  })
  expect(notes).toEqual([])
})

test('other failures end what is read, too', async () => {
  const { engine } = ending(async () => {
    throw new DchatError('transport/unconfirmed', { waited: 5 })
  })
  await expect(caughtUp(engine, {}, signal)).rejects.toMatchObject({ code: 'transport/unconfirmed' })
})
