import { expect, test } from 'vitest'
import { createBot } from '../../src/index.ts'
import { testBot } from '../../src/testing.ts'

const SONGS = ['Für Elise', 'Gymnopédie No. 1', 'Clair de lune']

test('a bot finds things while somebody types, and sees the words alone', async () => {
  const heard: string[] = []
  const bot = createBot()
    .on('message:text', (ctx) => {
      heard.push(ctx.text)
    })
    .on('inline', async (ctx) => {
      heard.push(`? ${ctx.query.text}`)
      const found = SONGS.filter((song) => song.toLowerCase().includes(ctx.query.text.toLowerCase()))
      await ctx.results(found.map((song, at) => ({ id: `${at}`, title: song, text: `Listen: ${song}` })))
    })
  await using t = await testBot(bot)
  const alice = t.user('alice')
  await alice.send('hello')
  expect(await alice.inline('LUNE')).toEqual([
    { id: '0', title: 'Clair de lune', text: 'Listen: Clair de lune', format: 'text' },
  ])
  expect(await alice.inline('polka')).toEqual([])
  expect(heard).toEqual(['hello', '? LUNE', '? polka'])
  // Neither query nor results are messages.
  expect(await alice.replies()).toEqual([])
})

test('results are for queries alone', async () => {
  const caught: unknown[] = []
  const bot = createBot()
    .on('message:text', (ctx) => ctx.results([]))
    .catch((error) => {
      caught.push(error)
    })
  await using t = await testBot(bot)
  await t.user('alice').send('hello')
  expect(caught).toEqual([expect.objectContaining({ code: 'usage/invalid-argument' })])
})
