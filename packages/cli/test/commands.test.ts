import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from '../src/command/parse.ts'
import { COMMANDS, GROUPS } from '../src/command/table.ts'
import { run } from '../src/run.ts'
import { VERSION } from '../src/version.ts'
import { fakeHost } from './support/host.ts'

/** Splits an example as a shell would, as far as examples need it. */
const words = (line: string): string[] => (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ''))

describe.each(COMMANDS.map((command) => [command.name, command] as const))('dchat %s', (name, command) => {
  test('says what it does, and describes each argument and option', () => {
    const descriptions = [command, ...Object.values(command.args), ...Object.values(command.options)]
    for (const { description } of descriptions) expect(description).toMatch(/^[A-Z].{7,}[^.]$/)
  })

  test('its example is understood, also with --json', async () => {
    const [program, ...argv] = words(command.example)
    expect(program).toBe('dchat')
    const parsed = await parse([...argv, '--json'], COMMANDS, GROUPS, 90)
    expect(parsed).toMatchObject({ kind: 'command', command: { name }, globals: { json: true } })
  })

  test('its required arguments stand before its optional ones', () => {
    const optional = Object.values(command.args).map((arg) => arg.optional === true)
    expect(optional).toEqual([...optional].sort())
  })

  test('belongs to a described group if it has several words', () => {
    const above = name.split(' ').slice(0, -1)
    for (const [at] of above.entries()) expect(GROUPS[above.slice(0, at + 1).join(' ')]).toMatch(/^[A-Z]/)
  })

  test('its help text stands', async () => {
    const host = fakeHost([...name.split(' '), '--help'])
    expect(await run(host)).toBe(0)
    // What the build relies on when it measures widths.
    expect(host.out()).toMatch(/^[\n -~…]+$/)
    await expect(host.out()).toMatchFileSnapshot(`golden/help-${name.replaceAll(' ', '-')}.txt`)
  })
})

test('every option of a command differs from the global ones and from its arguments', async () => {
  const { GLOBAL_OPTIONS } = await import('../src/command/globals.ts')
  const reserved = new Set([...Object.keys(GLOBAL_OPTIONS), 'help', 'version'])
  for (const { args, options } of COMMANDS)
    for (const option of Object.keys(options)) {
      expect(reserved).not.toContain(option)
      expect(Object.keys(args)).not.toContain(option)
    }
})

test('without a command the help text is shown', async () => {
  const host = fakeHost([])
  expect(await run(host)).toBe(0)
  await expect(host.out()).toMatchFileSnapshot('golden/help.txt')
})

test('the version is the one of the package', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(VERSION).toBe(manifest.version)
  const host = fakeHost(['version', '--json'])
  expect(await run(host)).toBe(0)
  expect(JSON.parse(host.out())).toMatchObject({ v: 1, ok: true, data: { version: VERSION } })
})
