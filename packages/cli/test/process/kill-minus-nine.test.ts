import { describe, expect, test } from 'vitest'
import type { KillRun } from '../support/kill-run.ts'
import { killRun } from '../support/kill-run.ts'

/** `npm run soak` sets these; see CONTRIBUTING.md. */
const whole = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise)
const seed = whole('DCHAT_KILL_SEED', 9)
const lines = whole('DCHAT_KILL_LINES', 1000)
const kills = whole('DCHAT_KILL_COUNT', 3)

/** In the order of the first time. */
const once = (said: KillRun['heard']): KillRun['heard'] => [...new Map(said.map((one) => [one.id, one])).values()]

const textsOf = (said: KillRun['heard']): string[] => said.map(({ text }) => text)

describe('sender, relay and receiver are killed with -9 while lines travel', () => {
  test(`every line arrives once, in file order, and every printed result is honoured (DCHAT_KILL_SEED=${seed})`, async () => {
    const run = await killRun({ seed, lines, kills })
    expect(textsOf(run.received)).toEqual(run.texts)
    expect(textsOf(run.sent)).toEqual(run.texts)
    expect(textsOf(once(run.heard))).toEqual(run.texts)
    expect(run.sent.every(({ state }) => ['sent', 'delivered', 'read'].includes(state))).toBe(true)

    const ids = run.received.map(({ id }) => id)
    expect(run.sent.map(({ id }) => id)).toEqual(ids)
    expect(once(run.heard).map(({ id }) => id)).toEqual(ids)
    const idOf = new Map(ids.map((id, n) => [`c${n}`, id]))
    const broken = run.results.filter(
      ({ ok, client_id, id }) => !ok || client_id === undefined || idOf.get(client_id) !== id,
    )
    expect(broken).toEqual([])
    expect(run.again.map(({ id }) => id)).toEqual(ids)

    // A run in which nobody died proves nothing.
    expect(run.kills).toEqual({ sender: kills, relay: kills, receiver: kills })
  }, 300_000)
})
