import type { Address, Client, ConversationId, InlineAnswer } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InlineSearch } from '../../src/renderer/state/inline-search.svelte.ts'

const bot = 'dchat1bot' as Address
const talk = 'talk' as ConversationId
const question = (words: string) => ({ bot, name: 'Music', words })
const found = (title: string, cacheSeconds = 0): InlineAnswer => ({
  results: [{ id: '1', title, text: title }],
  cacheSeconds,
})

interface Asked {
  readonly words: string
  readonly signal: AbortSignal
  readonly answer: (answer: InlineAnswer) => void
  readonly fail: (error: unknown) => void
}

let asked: Asked[]
let failures: unknown[]
let online: boolean
let talks: boolean
let begun: Address[]
let search: InlineSearch

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  failures = []
  begun = []
  online = true
  talks = true
  const client = {
    inline: {
      query: (_: ConversationId, words: string, { signal }: { signal: AbortSignal }) =>
        new Promise<InlineAnswer>((answer, fail) => asked.push({ words, signal, answer, fail })),
    },
    conversations: {
      dm: async (address: Address) => {
        begun.push(address)
        return { id: talk }
      },
    },
  } as unknown as Client
  search = new InlineSearch({
    client,
    isOnline: () => online,
    talkWith: () => (talks ? talk : undefined),
    failed: (error) => failures.push(error),
  })
})
afterEach(() => {
  search.close()
  vi.useRealTimers()
})

const rest = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1_000)
const titles = (): readonly string[] => search.results.map(({ title }) => title)

test('the bot is asked once the keys rest, for the last words alone', async () => {
  for (const words of ['b', 'bl', 'blue']) {
    search.look(question(words))
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(asked).toEqual([])
  await rest()
  expect(asked.map(({ words }) => words)).toEqual(['blue'])
  expect(search.stage).toBe('asking')
})

test('an answer to words that are not there any more is not shown', async () => {
  search.look(question('blue'))
  await rest()
  search.look(question('blue m'))
  await rest()
  expect(asked[0]?.signal.aborted).toBe(true)
  asked[1]?.answer(found('of the second'))
  await rest()
  asked[0]?.answer(found('of the first'))
  await rest()
  expect(titles()).toEqual(['of the second'])
})

test('what was found stays until there is something newer, and goes with another bot', async () => {
  search.look(question('blue'))
  await rest()
  asked[0]?.answer(found('Blue'))
  await rest()
  search.look(question('blues'))
  expect([search.stage, ...titles()]).toEqual(['asking', 'Blue'])
  search.look({ ...question('blues'), bot: 'dchat1other' as Address })
  expect(titles()).toEqual([])
})

test('the same words are not asked again for as long as the bot says', async () => {
  search.look(question('blue'))
  await rest()
  asked[0]?.answer(found('Blue', 60))
  await rest()
  search.look(undefined)
  search.look(question('blue'))
  expect([search.stage, ...titles()]).toEqual(['found', 'Blue'])
  await vi.advanceTimersByTimeAsync(61_000)
  search.look(undefined)
  search.look(question('blue'))
  await rest()
  expect(asked).toHaveLength(2)
})

test('nobody is asked without words, with too many, without a network or without a conversation', async () => {
  search.look(question(''))
  expect(search.stage).toBe('empty')
  search.look(question('x'.repeat(257)))
  expect(search.stage).toBe('long')
  talks = false
  search.look(question('blue'))
  expect(search.stage).toBe('unmet')
  talks = true
  online = false
  search.look(question('blues'))
  await rest()
  expect(search.stage).toBe('offline')
  expect([asked, begun]).toEqual([[], []])
})

test('a bot that this person has not written with is asked when they say so', async () => {
  talks = false
  search.look(question('blue'))
  await rest()
  void search.ask()
  await rest()
  expect(begun).toEqual([bot])
  expect(asked.map(({ words }) => words)).toEqual(['blue'])
})

test('silence is told here, what failed is reported too', async () => {
  search.look(question('blue'))
  await rest()
  asked[0]?.fail(new DchatError('transport/unconfirmed', { waited: 10_000 }))
  await rest()
  expect([search.stage, failures]).toEqual(['silent', []])
  void search.ask()
  await rest()
  asked[1]?.fail(new Error('broken'))
  await rest()
  expect([search.stage, failures.length]).toEqual(['failed', 1])
})
