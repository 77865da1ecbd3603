import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })
const data = (out: string) => JSON.parse(out).data

/** A step by `who`, which stands; its short id. */
const step = async (who: string, ...args: string[]): Promise<string> => {
  const done = await net.run(who, 'offer', ...args, '--json')
  expect(done).toMatchObject({ code: 0, err: '' })
  return data(done.out).short
}

describe('two people negotiate with one CLI each', () => {
  test('three counters, one deal, equal receipts that a third machine verifies', async () => {
    const alice = await net.init('alice')
    const bob = await net.init('bob')
    await net.introduce('alice', 'bob')

    const made = await step('alice', 'make', 'bob', '--item', '2 x Chair @ EUR 60.00', '--expires', '24h')
    const read = await net.run('bob', 'read', 'alice')
    expect(read.out).toContain(`alice: Offer #${made}: 2 × Chair, EUR 120.00, open for 1 day, /accept ${made}`)

    const first = await step('bob', 'counter', made, '--price', 'EUR 90')
    const second = await step('alice', 'counter', first, '--price', '110 EUR')
    const third = await step('bob', 'counter', second, '--price', '100', '--currency', 'eur')

    // What was on the table before is not what is on it now.
    const stale = await net.run('alice', 'offer', 'accept', first, '--json')
    expect(stale.code).toBe(1)
    expect(JSON.parse(stale.err).error).toMatchObject({
      code: 'offer/superseded',
      message: expect.stringMatching(/answers: #[0-9a-f]{8}\.$/),
    })
    const own = await net.run('bob', 'offer', 'accept', third, '--json')
    expect(JSON.parse(own.err).error).toMatchObject({ code: 'offer/not-yours' })
    // As people see it, sign and all.
    await step('alice', 'accept', `#${third}`)

    const listed = jsonLines((await net.run('bob', 'offer', 'list', '--json')).out)
    expect(listed).toMatchObject([{ type: 'offer', short: third, state: 'taken', deals: [{ state: 'agreed' }] }, {}])
    const shown = await net.run('bob', 'offer', 'show', made)
    expect(shown.out).toMatch(/alice: EUR 120\.00\n.*you: EUR 90\.00\n.*alice: EUR 110\.00\n.*you: EUR 100\.00\n/)

    await step('alice', 'settle', third, 'request-payment', '--reference', 'chairs', '--uri', 'iban:DE00')
    const asked = await net.run('bob', 'offer', 'show', made)
    expect(asked.out).toMatch(
      / agreed, payment requested\n {4}to pay: EUR 100\.00, by manual, to iban:DE00, reference chairs$/m,
    )
    await step('bob', 'settle', third, 'report-payment')
    await step('alice', 'settle', third, 'confirm-payment')

    const files = [join(net.home('alice'), 'a.receipt'), join(net.home('bob'), 'b.receipt')] as const
    expect(await net.run('alice', 'offer', 'receipt', third, '--out', files[0])).toMatchObject({ code: 0, err: '' })
    expect(await net.run('bob', 'offer', 'receipt', third, '--out', files[1])).toMatchObject({ code: 0, err: '' })
    const [one, two] = [await readFile(files[0]), await readFile(files[1])]
    expect(one.equals(two)).toBe(true)
    expect((await stat(files[0])).mode & 0o077).toBe(0)

    // A machine that knows neither of them, and has no identity.
    const verified = await net.run('carol', 'offer', 'verify', files[1], '--json')
    expect(verified).toMatchObject({ code: 0, err: '' })
    expect(data(verified.out)).toMatchObject({
      state: 'agreed',
      payment: 'paid',
      parties: [alice.address, bob.address],
      steps: [
        'propose',
        'counter',
        'counter',
        'counter',
        'accept',
        'pay_request',
        'pay_submitted',
        'pay_confirmed',
      ].map((name) => ({ step: name })),
    })
    const page = join(net.home('bob'), 'b.html')
    expect((await net.run('bob', 'offer', 'receipt', third, '--html', '--out', page)).code).toBe(0)
    expect(await readFile(page, 'utf8')).toMatch(/2 × Chair[\s\S]*100\.00 EUR[\s\S]*The times are the word of/)

    const again = await net.run('bob', 'offer', 'receipt', third, '--out', files[1], '--json')
    expect(again.code).toBe(1)
    const middle = one.length >> 1
    one[middle] = (one[middle] as number) ^ 1
    const broken = join(net.home('alice'), 'broken.receipt')
    await writeFile(broken, one)
    const refused = await net.run('carol', 'offer', 'verify', broken, '--json')
    expect(refused.code).toBe(6)
    expect(JSON.parse(refused.err).error).toMatchObject({ code: 'offer/bad-receipt' })
  }, 240_000)
})
