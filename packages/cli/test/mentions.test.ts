import type { Client } from '@dchat/sdk'
import { mention, parseAddress, restoreIdentity } from '@dchat/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withMentions } from '../src/methods/mentions.ts'
import type { MessageView } from '../src/methods/types.ts'
import { all, met, people } from './support/people.ts'

const signal = new AbortController().signal
const address = (word: string) => parseAddress(restoreIdentity(`${'abandon '.repeat(23)}${word}`).address)
const ANN = address('art')

/** Knows ann and anna, who call themselves otherwise. */
const client = {
  contacts: {
    find: async (name: string) =>
      ['ann', 'anna'].includes(name.toLowerCase()) ? { address: ANN, relays: [], addedAt: 0 } : undefined,
  },
  profiles: { get: async () => ({ address: ANN, name: 'Ann *A.*', version: 1 }) },
} as unknown as Client

const sent = async (text: string, ...names: string[]): Promise<string> => {
  const content = await withMentions(client, { type: 'text', text }, names, signal)
  return content.type === 'markdown' ? content.markdown : ''
}

describe('a mention', () => {
  test('stands where the text has it, in any case; else at its beginning', async () => {
    expect(await sent('Hi @Ann, look', 'ann')).toBe(`Hi ${mention(ANN, 'ann')}, look`)
    expect(await sent('Look', 'ann')).toBe(`${mention(ANN, 'ann')} Look`)
    expect(await sent('@ann and @anna and me@ann.example', 'ann', 'anna')).toBe(
      `${mention(ANN, 'ann')} and ${mention(ANN, 'anna')} and me@ann.example`,
    )
    expect(await sent('Look', ANN)).toBe(`${mention(ANN, 'Ann *A.*')} Look`)
  })

  test('leaves the other words as they were written', async () => {
    expect(await sent('# 1 *star* [x](y) a_b', 'ann')).toBe(`${mention(ANN, 'ann')} \\# 1 \\*star\\* \\[x\\](y) a\\_b`)
    expect(await sent('1. one\n- two', 'ann')).toBe(`${mention(ANN, 'ann')} 1\\. one\n\\- two`)
    const content = { type: 'markdown', markdown: '*Hi* @ann', replyTo: 'm' } as never
    expect(await withMentions(client, content, ['ann'], signal)).toEqual({
      type: 'markdown',
      markdown: `*Hi* ${mention(ANN, 'ann')}`,
      replyTo: 'm',
    })
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const lead = `${mention(ANN, 'zed')} `
        const known = { ...client, contacts: { find: async () => ({ address: ANN, relays: [], addedAt: 0 }) } } as never
        fc.pre(!/@zed/i.test(text))
        const { markdown } = (await withMentions(known, { type: 'text', text }, ['zed'], signal)) as {
          markdown: string
        }
        expect(markdown.startsWith(lead)).toBe(true)
        // Taking the escapes away gives the text back.
        expect(markdown.slice(lead.length).replace(/\\([\\`*_[\]<>&~|#\-+=.)])/g, '$1')).toBe(text)
      }),
    )
  })

  test('of somebody unknown is refused', async () => {
    await expect(sent('Hi', 'nobody')).rejects.toMatchObject({ code: 'identity/unknown-peer' })
  })
})

describe('a message named by the beginning of its id', () => {
  const { person, linkOf, addressOf } = people()

  test('is the one meant; a beginning that is too short, or of nothing, is none; mentions reach their person', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')]
    await met(alice, bob)
    await alice.owner.call('contacts.add', { peer: await linkOf(bob), name: 'bob' })
    const { id } = await alice.guest.call('send', { chat: 'bob', text: 'Hi @bob', mentions: ['bob'] })
    const [heard] = await all(bob.guest.stream('read', { chat: await addressOf(alice) }))
    expect(heard).toMatchObject({ id, format: 'markdown', mentions: [await addressOf(bob)] })

    await alice.guest.call('edit', { message: id.slice(0, 8).toUpperCase(), text: 'Hello' })
    const answer = await alice.guest.call('send', { chat: 'bob', text: 'indeed', replyTo: id.slice(0, 6) })
    expect(answer).toMatchObject({ replyTo: id, quote: { text: 'Hello' } } satisfies Partial<MessageView> | object)
    const unknown = { code: 'message/unknown' }
    const other = id.startsWith('ffffff') ? 'eeeeee' : 'ffffff'
    for (const named of [id.slice(0, 5), other])
      await expect(alice.guest.call('react', { message: named, emoji: 'x' })).rejects.toMatchObject(unknown)
    await expect(alice.guest.call('send', { chat: 'bob', text: 'x', replyTo: other })).rejects.toMatchObject(unknown)
  })
})
