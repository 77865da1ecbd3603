import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })

const textsOf = (out: string): unknown[] =>
  jsonLines(out)
    .filter(({ type }) => type === 'message')
    .map(({ text }) => text)

/** Two people who know each other and have spoken; then one of them loses everything but the phrase. */
const lose = async (friend: string, loser: string): Promise<{ phrase: string; address: string; link: string }> => {
  const phrase = join(net.root, `${loser}.phrase`)
  const { link } = await net.init(friend)
  const { address } = await net.init(loser, '--phrase-file', phrase)
  await net.introduce(friend, loser)
  expect((await net.run(friend, 'send', loser, 'before')).code).toBe(0)
  expect((await net.run(loser, 'read', friend)).out).toContain('before')
  expect((await net.run(loser, 'send', friend, 'and after')).code).toBe(0)
  expect((await net.run(friend, 'read', loser)).out).toContain('and after')
  await rm(net.home(loser), { recursive: true })
  return { phrase, address, link }
}

const restore = async (name: string, phrase: string, address: string): Promise<void> => {
  const back = await net.run(name, 'restore', '--relay', net.relay, '--phrase-file', phrase, '--json')
  expect(back).toMatchObject({ code: 0, err: expect.not.stringContaining('dchat:') })
  expect(JSON.parse(back.out).data).toMatchObject({ address, published: true })
}

describe('a phrase alone brings a person back on an empty machine', () => {
  test("the contact was away: the contact's very next message reaches the new device, and both go on", async () => {
    const { phrase, address, link } = await lose('alice', 'bob')
    await restore('bob', phrase, address)
    // No other command of the contact's stands between: this one lets the new device in first.
    expect(await net.run('alice', 'send', 'bob', 'welcome back')).toMatchObject({ code: 0, err: '' })
    const added = await net.run('bob', 'contacts', 'add', link, '--as', 'alice')
    expect(added.code).toBe(0)
    expect(textsOf((await net.run('bob', 'read', 'alice', '--json')).out)).toContain('welcome back')
    expect(await net.run('bob', 'send', 'alice', 'here I am')).toMatchObject({ code: 0, err: '' })
    expect(textsOf((await net.run('alice', 'read', 'bob', '--json')).out)).toEqual([
      'before',
      'and after',
      'welcome back',
      'here I am',
    ])
    expect((await net.run('alice', 'send', 'bob', 'good', '--wait', 'queued')).code).toBe(0)
    expect((await net.run('alice', 'read', 'bob')).code).toBe(0)
    expect(textsOf((await net.run('bob', 'read', 'alice', '--json')).out).slice(-3)).toEqual([
      'welcome back',
      'here I am',
      'good',
    ])
  })

  test('what the contact queued while offline, before the restore, reaches the new device', async () => {
    const { phrase, address, link } = await lose('erin', 'frank')
    expect((await net.run('erin', 'send', 'frank', 'where are you', '--wait', 'queued')).code).toBe(0)
    await restore('frank', phrase, address)
    expect((await net.run('erin', 'read', 'frank')).code).toBe(0)
    await net.run('frank', 'contacts', 'add', link, '--as', 'erin')
    expect(textsOf((await net.run('frank', 'read', 'erin', '--json')).out)).toContain('where are you')
  })

  test('the contact listens: it is let in at once, and messages stream both ways', async () => {
    const { phrase, address, link } = await lose('carol', 'dave')
    const carol = net.start('carol', 'listen', '--json', '--since', 'now')
    await restore('dave', phrase, address)
    const dave = net.start('dave', 'listen', '--json')
    expect(await net.run('carol', 'send', 'dave', 'welcome back', '--wait', 'delivered')).toMatchObject({
      code: 0,
      err: '',
    })
    expect(JSON.parse((await dave.line()) ?? '{}')).toMatchObject({ text: 'welcome back' })
    expect(await net.run('dave', 'send', link, 'here I am')).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse((await carol.line()) ?? '{}')).toMatchObject({ text: 'here I am', name: 'dave' })
    for (const { child } of [carol, dave]) child.kill('SIGTERM')
    expect((await carol.ended).err).toBe('')
    expect((await dave.ended).err).toBe('')
  })
})
