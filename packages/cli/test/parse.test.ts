import { isDchatError } from '@dchat/sdk/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Parsed } from '../src/command/parse.ts'
import { parse } from '../src/command/parse.ts'
import { COMMANDS, GROUPS } from '../src/command/table.ts'

const parsed = (...argv: string[]): Promise<Parsed> => parse(argv, COMMANDS, GROUPS, 90)

const command = async (...argv: string[]) => {
  const result = await parsed(...argv)
  if (result.kind !== 'command') throw new Error('help')
  return result
}

const refusal = async (...argv: string[]): Promise<string> => {
  const error = await parsed(...argv).catch((reason: unknown) => reason)
  if (!isDchatError(error, 'usage/invalid-argument')) throw new Error(`no refusal of ${argv.join(' ')}`)
  return error.message
}

describe('what a command line means', () => {
  test('global options stand before or behind the command', async () => {
    const before = await command('--json', '--profile', 'alice', 'whoami')
    const behind = await command('whoami', '--profile=alice', '--json')
    expect(before.globals).toEqual(behind.globals)
    expect(before.globals).toMatchObject({ json: true, profile: 'alice', relay: [] })
  })

  test('a relay may be named several times, other options only once', async () => {
    expect((await command('init', '--relay', 'ws://a', '--relay', 'ws://b')).globals.relay).toEqual([
      'ws://a',
      'ws://b',
    ])
    expect(await refusal('read', 'bob', '--since', 'a', '--since', 'b')).toContain('"--since"')
  })

  test('words that are named like commands are what they stand for, wherever they stand', async () => {
    expect(await command('--profile', 'group', 'send', 'bob', 'read')).toMatchObject({
      command: { name: 'send' },
      values: { text: 'read' },
      globals: { profile: 'group' },
    })
    expect(await command('--profile', 'send', 'group', 'rename', 'Trip', 'offer')).toMatchObject({
      command: { name: 'group rename' },
      globals: { profile: 'send' },
    })
    expect(await refusal('nope', 'send', 'bob')).toContain('"nope')
    expect(await refusal('--profile', 'send', 'nope')).toContain('"nope"')
  })

  test('a group without a verb lists', async () => {
    expect((await command('chats')).command.name).toBe('chats list')
    expect((await command('contacts', '--json')).command.name).toBe('contacts list')
  })

  test('times have units', async () => {
    for (const [text, ms] of [
      ['500ms', 500],
      ['30s', 30_000],
      ['2m', 120_000],
      ['1h', 3_600_000],
      ['1.5', 1500],
    ] as const)
      expect((await command('whoami', '--timeout', text)).globals.timeout).toBe(ms)
    for (const text of ['', '0s', '5x', '-1s', '1000h', '1e3'])
      expect(await refusal('whoami', `--timeout=${text}`)).toContain('--timeout')
  })

  test('text stays the text that was typed', async () => {
    const typed = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.startsWith('-'))
    await fc.assert(
      fc.asyncProperty(typed, async (text) => {
        expect((await command('send', 'bob', text)).values.text).toBe(text)
      }),
      {
        numRuns: 60,
        examples: [['12'], ['"quoted"'], ["'x'"], ['list'], ['a=b'], ['\u0001'], ['true'], ['007'], [' ']],
      },
    )
  })

  test('the last argument of some commands takes all the words that are left', async () => {
    expect((await command('group', 'create', 'Trip')).values).toMatchObject({ name: 'Trip', people: [] })
    const added = await command('group', 'add', 'Trip', 'bob', 'list', '12', '--json', '--', '--zoe')
    expect(added.values).toMatchObject({ group: 'Trip', people: ['bob', 'list', '12', '--zoe'] })
    expect(await refusal('group', 'add', 'Trip')).toContain('"people"')
  })

  test('behind -- everything is text, and a single dash is kept', async () => {
    expect((await command('send', 'bob', '--', '--json')).values.text).toBe('--json')
    expect((await command('send', 'bob', '--', '-5')).values.text).toBe('-5')
    expect((await command('send', 'bob', '-')).values.text).toBe('-')
    expect((await command('whoami', '--passphrase-file', '-')).globals['passphrase-file']).toBe('-')
  })

  test('wrong use is one sentence that names what is wrong', async () => {
    expect(await refusal('nope')).toContain('"nope"')
    expect(await refusal('contacts', 'nope')).toContain('"nope"')
    expect(await refusal('send', 'bob', 'hi', 'there')).toContain('"there"')
    expect(await refusal('send', 'bob', 'hi', '--bogus')).toContain('"bogus"')
    expect(await refusal('read')).toContain('"chat"')
    expect(await refusal('contacts', 'add')).toContain('"peer"')
    expect(await refusal('relay')).toContain('"command"')
    expect(await refusal('read', 'bob', '--limit')).toContain('"--limit"')
    expect(await refusal('read', 'bob', '--limit', '0')).toContain('whole number from 1')
    expect(await refusal('send', 'bob', 'hi', '--wait', 'read')).toContain('queued, sent, delivered')
  })

  test('no command line does anything but parse, help or a usage error', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        'send',
        'contacts',
        'add',
        'list',
        '--json',
        '--',
        '-',
        '-v',
        '--relay',
        '--limit',
        '--help',
        '-x',
        '--__proto__',
        '--constructor',
      ),
      fc.string({ maxLength: 12 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (argv) => {
        const result = await parsed(...argv).catch((error: unknown) => error)
        expect(isDchatError(result) || ['help', 'command'].includes((result as Parsed).kind)).toBe(true)
      }),
      { numRuns: 80 },
    )
  })
})
