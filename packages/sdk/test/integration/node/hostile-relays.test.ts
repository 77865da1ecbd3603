import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type HostileRelay, hostileRelay, LIES, type Lie } from '../../../../relay/src/testing.ts'
import type { SelfRecord } from '../../../src/client/records.ts'
import type { Address, Client, ClientEvent, ConversationId, ErrorCode } from '../../../src/index.ts'
import { ERRORS, verifyEvidence } from '../../../src/index.ts'
import { toHex } from '../../../src/util/bytes.ts'
import { engine, newDevice } from '../../mls/support.ts'
import { becomes, type Member, member } from '../life-support.ts'

/** What a lie about entries leads to: docs/protocol/hostile-relays.md has the same rows. */
interface Row {
  readonly code: ErrorCode
  /** What the evidence proves to everybody. */
  readonly proof?: string
  /** What the victim has of the three texts while the relay lies. */
  readonly shown: readonly string[]
  /** Found out from what another member says. */
  readonly hearsay?: true
}

const ROWS: Partial<Readonly<Record<Lie, Row>>> = {
  drop: { code: 'relay/missing-entry', shown: [] },
  reorder: { code: 'relay/missing-entry', shown: [] },
  replay: { code: 'relay/repeated-entry', shown: ['one', 'two', 'three'] },
  rewrite: { code: 'relay/changed-entry', shown: [] },
  forge: { code: 'relay/bad-receipt', shown: [] },
  backdate: { code: 'relay/time-backwards', shown: [], proof: 'time-backwards' },
  break: { code: 'relay/equivocation', shown: [], proof: 'two-histories' },
  fork: { code: 'relay/equivocation', shown: ['two', 'three'], hearsay: true },
  repeat: { code: 'relay/equivocation', shown: ['one', 'two', 'three'], hearsay: true },
  withhold: { code: 'relay/withheld', shown: [] },
}

let relay: HostileRelay
let alice: Member
let bob: Member
let chat: ConversationId
const closing: { close(): Promise<void> }[] = []

/** A key package of a device that the relay made for somebody. */
const keyPackage = async (address: string): Promise<Uint8Array> => {
  const { identity, seed } = newDevice(address as Address)
  const now = Math.floor(Date.now() / 1000)
  const lifetime = { notBefore: now - 3_600, notAfter: now + 3_600 }
  return (await engine.createKeyPackage('dm-xwing-aes256', identity, seed, lifetime)).publicPackage
}

const deviceOf = async ({ store }: Member): Promise<string> =>
  toHex((await store.read((tx) => tx.get<SelfRecord>('meta', 'self')))?.deviceKey as Uint8Array)

const joined = async (): Promise<Member> => {
  const one = await member(relay, { reports: false })
  closing.unshift(one.client)
  await one.client.connect()
  return one
}

beforeEach(async () => {
  relay = await hostileRelay({ keyPackage })
  closing.push(relay)
  alice = await joined()
  bob = await joined()
  const opened = await alice.client.conversations.dm(bob.client.address)
  const hello = await opened.send('hello', { wait: 'sent', timeout: 90_000 })
  chat = opened.id
  await arrived(bob.client, 1)
  await bob.client.messages.send(chat, 'hi', { wait: 'sent', timeout: 90_000 })
  await becomes(alice.client, hello.id, () => true)
  await arrived(alice.client, 1)
  return async () => {
    for (const one of closing.splice(0)) await one.close()
  }
})

/** Resolves when so many messages of others were read. */
const arrived = async (client: Client, count: number): Promise<void> => {
  let left = count
  for await (const _ of client.messages.stream({
    name: `${count}`,
    after: 'start',
    signal: AbortSignal.timeout(90_000),
  }))
    if (--left === 0) return
}

const faultOf = (client: Client): Promise<ClientEvent & { type: 'relay-fault' }> => {
  const found = (async () => {
    for await (const event of client.events({ signal: AbortSignal.timeout(90_000) }))
      if (event.type === 'relay-fault') return event
    throw new Error('the events ended')
  })()
  found.catch(() => undefined)
  return found
}

const textsOf = async (client: Client): Promise<readonly string[]> =>
  (await client.messages.list(chat)).items
    .map(({ content }) => (content.type === 'text' ? content.text : '?'))
    .filter((text) => text !== 'hello' && text !== 'hi')
    .reverse()

describe.each(Object.entries(ROWS))('a relay that tells the lie "%s"', (lie, { code, proof, shown, hearsay }) => {
  test(`is named by ${code}, in an event and by an audit, and nothing is lost`, async () => {
    const fault = faultOf(bob.client)
    relay.lie(lie as Lie, [await deviceOf(bob)])
    for (const text of ['one', 'two', 'three'])
      await alice.client.messages.send(chat, text, { wait: 'sent', timeout: 90_000 })
    if (lie === 'withhold') {
      // A new look at the relay tells it how far the log goes.
      await bob.client.close()
      bob = { ...bob, client: await bob.again() }
      closing.unshift(bob.client)
      const again = faultOf(bob.client)
      const connecting = bob.client.connect().catch(() => undefined)
      const waited = setInterval(() => bob.clock.advance(1_000), 20)
      onTestFinished(() => clearInterval(waited))
      expect(await again).toMatchObject({ code, relay: relay.url, conversation: chat })
      await connecting
    } else expect(await fault).toMatchObject({ code, relay: relay.url, conversation: chat })
    expect(relay.told).toBeGreaterThan(0)
    await expect.poll(() => textsOf(bob.client)).toEqual(shown)

    const report = await bob.client.conversations.audit(chat)
    const finding = report.findings.find((each) => each.code === code)
    expect(finding).toMatchObject({ relay: relay.url, proof: proof !== undefined, hearsay: hearsay ?? false })
    expect(finding?.seq).toBe((await fault.catch(() => undefined))?.seq ?? finding?.seq)
    const { lies } = await verifyEvidence([report.evidence])
    expect(lies.map(({ kind }) => kind)).toEqual(proof === undefined ? [] : [proof])
    if (hearsay) {
      // Each of the two has a history that holds by itself; beside each other they are proof.
      const other = await alice.client.conversations.audit(chat)
      const both = await verifyEvidence([report.evidence, other.evidence])
      expect(both.lies[0]).toMatchObject({ kind: 'two-entries', relayKey: toHex(relay.relayKey) })
    }

    relay.repent()
    const { client } = await restarted(bob)
    if (hearsay === undefined) await expect.poll(() => textsOf(client)).toEqual(['one', 'two', 'three'])
    expect(await textsOf(alice.client)).toEqual(['one', 'two', 'three'])
  })
})

const restarted = async (one: Member): Promise<{ readonly client: Client }> => {
  await one.client.close()
  const client = await one.again()
  closing.unshift(client)
  await client.connect().catch(() => undefined)
  return { client }
}

test('a relay that takes an identity log and goes on serving an older one is named by relay/stale-identity-log', async () => {
  await alice.client.close()
  const client = await alice.again()
  closing.unshift(client)
  const fault = faultOf(client)
  relay.lie('stale-log')
  await client.connect()
  expect(await fault).toMatchObject({ code: 'relay/stale-identity-log', relay: relay.url })
  const { findings } = await client.conversations.audit(chat)
  expect(findings).toMatchObject([{ code: 'relay/stale-identity-log', relay: relay.url, proof: false }])
})

test('a relay that was away while a log grew is given it, and is not accused', async () => {
  const events: ClientEvent[] = []
  await alice.client.close()
  const client = await alice.again()
  closing.unshift(client)
  const watching = (async () => {
    for await (const event of client.events()) events.push(event)
  })()
  await client.connect()
  await client.messages.send(chat, 'fine', { wait: 'sent', timeout: 90_000 })
  await client.close()
  await watching
  expect(events.filter(({ type }) => type === 'relay-fault')).toEqual([])
})

test('a relay that gives its own key package for a person is named by relay/false-key-package, and let in nowhere', async () => {
  const carol = await joined()
  const fault = faultOf(alice.client)
  relay.lie('own-key-package')
  const { id, send } = await alice.client.conversations.dm(carol.client.address)
  await send('a secret')
  expect(await fault).toMatchObject({ code: 'relay/false-key-package', relay: relay.url })
  const { findings } = await alice.client.conversations.audit(id)
  expect(findings).toMatchObject([{ code: 'relay/false-key-package', relay: relay.url }])
  relay.repent()
  alice.clock.advance(3_600_000)
  await arrived(carol.client, 1)
  expect((await alice.client.conversations.audit(id)).topics).toMatchObject([{ relay: relay.url }])
})

test('every lie that the relay can tell is tried', () => {
  const others: readonly Lie[] = ['stale-log', 'own-key-package']
  expect([...Object.keys(ROWS), ...others].toSorted()).toEqual([...LIES].toSorted())
  for (const { code } of Object.values(ROWS)) expect(ERRORS[code].exit).toBe(6)
})
