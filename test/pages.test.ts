import { describe, expect, test } from 'vitest'
import { parse } from '../packages/cli/src/command/parse.ts'
import { COMMANDS, GROUPS } from '../packages/cli/src/command/table.ts'
import { configSchema } from '../packages/relay/src/config/schema.ts'
import { createMetrics } from '../packages/relay/src/metrics.ts'
import { DEFAULT_LIMITS } from '../packages/relay/src/policy/limits.ts'
import { CHECKS } from '../packages/relay/src/selftest/check.ts'
import { ERRORS } from '../packages/sdk/src/errors.ts'
import { FRAME_TYPES } from '../packages/sdk/src/protocol/wire/frames.ts'
import { isMethod, isSubscription } from '../packages/sdk/src/protocol/wire/method-codec.ts'
import { commandsPage } from './lib/commands-page.ts'
import { fencesOf } from './lib/fences.ts'
import { shellCommands } from './lib/shell.ts'
import { projectFiles, readText } from './lib/tree.ts'

/** Every text in backticks at the beginning of a table's row. */
const firstCells = (page: string): readonly string[] =>
  readText(page)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] as string))

describe('the page of the command line', () => {
  test('docs/commands.md is what the table of commands says today (npm run docs writes it)', async () => {
    await expect(commandsPage()).toMatchFileSnapshot('../docs/commands.md')
  })

  test('docs/cli.md names every exit code of the error table', () => {
    const codes = new Set(Object.values(ERRORS).map(({ exit }) => `| ${exit} |`))
    expect([...codes].filter((code) => !readText('docs/cli.md').includes(`\n${code}`))).toEqual([])
  })

  const commands = projectFiles()
    .filter((path) => path.endsWith('.md') && !path.startsWith('packages/'))
    .flatMap(fencesOf)
    .flatMap(shellCommands)
    .filter(({ words }) => words[0] === 'dchat')

  test.each(commands)('$place: $text', async ({ words }) => {
    expect(await parse(words.slice(1), COMMANDS, GROUPS, 80)).toHaveProperty('kind', 'command')
  })
})

describe('the page of the relay', () => {
  const named = firstCells('docs/relay.md')

  test('has a row for every key of the configuration and every limit', () => {
    const keys = [...Object.keys(configSchema.shape), ...Object.keys(DEFAULT_LIMITS)]
    expect(keys.filter((key) => !named.includes(key))).toEqual([])
  })

  test('has a row for every metric, and for nothing else', async () => {
    const metrics = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name)
    expect(named.filter((name) => name.startsWith('dchat_relay_')).toSorted()).toEqual(metrics.toSorted())
  })

  test('has a row for everything that the self-test looks at', () => {
    expect(CHECKS.filter((check) => !named.includes(check))).toEqual([])
  })

  test('tells the defaults that count', () => {
    const { host, port, data, retentionDays, commitRetentionDays } = configSchema.parse({})
    for (const value of [host, port, data, retentionDays, commitRetentionDays])
      expect(readText('docs/relay.md')).toMatch(new RegExp(`\\| \`?${String(value).replaceAll('.', '\\.')}\`? \\|`))
  })
})

describe('the page of the link', () => {
  const page = readText('docs/protocol/link.md')

  test('lists every type of frame under its number', () => {
    for (const [name, number] of Object.entries(FRAME_TYPES)) expect(page).toContain(`\n| ${number} | \`${name}\` |`)
  })

  test('lists the methods and subscriptions that exist', () => {
    const listed = firstCells('docs/protocol/link.md')
    expect(listed.filter((name) => name.includes('.')).filter((name) => !isMethod(name))).toEqual([])
    const table = readText('packages/sdk/src/protocol/wire/methods.ts')
    const methods = [...table.matchAll(/^ {2}'([a-z.]+)': \{/gm)].map((match) => match[1] as string)
    expect(methods.length).toBeGreaterThan(10)
    expect(methods.filter((name) => !listed.includes(name))).toEqual([])
    for (const name of ['topic', 'inbox', 'signals']) {
      expect(isSubscription(name)).toBe(true)
      expect(listed).toContain(name)
    }
  })
})
