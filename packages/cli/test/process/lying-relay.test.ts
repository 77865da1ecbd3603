import { createPrivateKey, randomBytes, sign } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRelay, memoryStore } from '@dchat/relay'
import { type CborValue, decodeCbor, encodeCbor, issueReceipts, type Receipt } from '@dchat/sdk/wire'
import { expect, test } from 'vitest'
import { network } from '../support/network.ts'

/** The relay's own key is in the hands of this test: what the relay may sign, the test may. */
const SEED = new Uint8Array(randomBytes(32))
const DER = Buffer.from('302e020100300506032b657004220420', 'hex')
const secret = createPrivateKey({ key: Buffer.concat([DER, SEED]), format: 'der', type: 'pkcs8' })
let relayKey = new Uint8Array()

const net = network({
  commands: 'within',
  serve: async () => {
    const store = memoryStore()
    await store.secret('relay-key', () => SEED)
    const relay = await createRelay({ store })
    relayKey = new Uint8Array(relay.relayKey)
    return relay
  },
})

interface Step {
  readonly receipt: Receipt
}

const signed = async (receipt: Receipt): Promise<Receipt> => {
  const { topic, seq, previous, entry, kind, time } = receipt
  const [made] = await issueReceipts(
    [{ topic, seq, previous, entry, kind, time }],
    relayKey,
    async (message) => new Uint8Array(sign(null, message, secret)),
  )
  return made as Receipt
}

/** What the relay would have signed for the last step, if it lied. */
const LIES: Readonly<Record<string, (last: Receipt, before: Receipt) => Partial<Receipt>>> = {
  'the time of the relay KEY runs backwards': (_, { time }) => ({ time: time - 3_600_000 }),
  'the relay KEY signed two entries for one place': (_, { seq, previous }) => ({ seq, previous }),
  'the relay KEY signed two histories': (_, { seq }) => ({ seq: seq + 1, previous: new Uint8Array(32) }),
}

test('a relay that lies is named by its key, with what it did, on a machine that knows nobody', async () => {
  await net.init('alice')
  await net.init('bob')
  await net.introduce('alice', 'bob')
  const run = async (who: string, ...args: string[]) => {
    const done = await net.run(who, 'offer', ...args, '--json')
    expect(done).toMatchObject({ code: 0, err: '' })
    return JSON.parse(done.out).data
  }
  const made = await run('alice', 'make', 'bob', '--item', 'Chair @ EUR 60.00')
  const accepted = await run('bob', 'accept', made.short)
  const path = join(net.root, 'chair.receipt')
  await run('bob', 'receipt', accepted.offer, '--out', path)

  const key = Buffer.from(relayKey).toString('hex')
  const honest = await net.run('carol', 'offer', 'verify', path)
  expect(honest).toMatchObject({ code: 0, err: '' })
  expect(honest.out).toContain(`The times are the word of the relay with the key ${key}.`)

  const file = decodeCbor(await readFile(path), 'receipt', { size: 1 << 20 }) as { readonly steps: readonly Step[] }
  const [last, before] = [file.steps.at(-1), file.steps.at(-2)] as [Step, Step]
  const withLast = async (changes: Partial<Receipt>) => {
    const receipt = await signed({ ...last.receipt, ...changes })
    const steps = [...file.steps.slice(0, -1), { ...last, receipt }]
    return encodeCbor({ ...file, steps } as unknown as CborValue)
  }

  // It told the other party another time: each receipt holds, and the two together name it.
  const other = join(net.root, 'other.receipt')
  await writeFile(other, await withLast({ time: last.receipt.time + 1 }))
  expect(await net.run('carol', 'offer', 'verify', other)).toMatchObject({ code: 0, err: '' })
  expect(await net.run('carol', 'offer', 'verify', path, path)).toMatchObject({ code: 0, err: '' })
  const both = await net.run('carol', 'offer', 'verify', path, other)
  expect(both).toMatchObject({ code: 6, out: '' })
  expect(both.err).toContain(
    `beside[0].steps[${file.steps.length - 1}].receipt: the relay ${key} signed two entries for one place`,
  )

  for (const [what, lie] of Object.entries(LIES)) {
    await writeFile(path, await withLast(lie(last.receipt, before.receipt)))
    const told = await net.run('carol', 'offer', 'verify', path, '--json')
    expect(told).toMatchObject({ code: 6, out: '' })
    expect(JSON.parse(told.err).error).toMatchObject({
      code: 'offer/bad-receipt',
      message: `The receipt of an offer does not hold: steps[${file.steps.length - 1}].receipt: ${what.replace('KEY', key)}.`,
    })
  }
})
