import { expect, onTestFinished, test } from 'vitest'
import { hostileRelay, startTestRelay } from '../../../../relay/src/testing.ts'
import type { SelfRecord } from '../../../src/client/records.ts'
import { parseRelayUrl } from '../../../src/index.ts'
import { toHex } from '../../../src/util/bytes.ts'
import { type Member, member } from '../life-support.ts'

test('where the only hub of a conversation is caught at a lie, moving it away says what can be done', async () => {
  const [liar, honest] = [await hostileRelay(), await startTestRelay()]
  const members: Member[] = []
  // Whatever a rule waits for comes soon: the clocks of all run together.
  const running = setInterval(() => {
    for (const { clock } of members) clock.advance(500)
  }, 25)
  onTestFinished(async () => {
    clearInterval(running)
    for (const { client } of members) await client.close()
    await Promise.all([liar.close(), honest.close()])
  })
  for (let n = 0; n < 2; n++) {
    const one = await member(liar, { reports: false })
    await one.client.connect()
    members.push(one)
  }
  const [ann, ben] = members as [Member, Member]
  const chat = await ann.client.conversations.dm(ben.client.address)
  await chat.send('hello', { wait: 'sent', timeout: 90_000 })
  await expect.poll(async () => (await ben.client.conversations.get(chat.id))?.state, { timeout: 80_000 }).toBe('open')
  const caught = (async () => {
    for await (const { type } of ann.client.events()) if (type === 'relay-fault') return
  })()
  const self = await ann.store.read((tx) => tx.get<SelfRecord>('meta', 'self'))
  liar.lie('break', [toHex(self?.deviceKey as Uint8Array)])
  for (const text of ['one', 'two', 'three'])
    await ben.client.messages.send(chat.id, text, { wait: 'sent', timeout: 60_000 })
  await caught
  const { conversations } = ann.client
  const relay = parseRelayUrl(honest.url)
  const told = {
    code: 'conversation/only-hub',
    details: { conversation: chat.id, relay: liar.url, reason: 'was caught at a lie' },
  }
  await expect(conversations.moveTo(chat.id, relay)).rejects.toMatchObject(told)
  await expect(conversations.setHubs(chat.id, [parseRelayUrl(liar.url), relay])).rejects.toMatchObject(told)
}, 60_000)
