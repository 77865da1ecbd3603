import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cycles } from './lib/cycles.ts'
import { desktopObjection, packageObjection } from './lib/desktop-layers.ts'
import { type Import, importsOf, specifiersIn } from './lib/imports.ts'
import { objection } from './lib/layers.ts'
import { projectFiles, readJson, readText, root } from './lib/tree.ts'

const sources = projectFiles().filter(
  (path) => /^packages\/[^/]+\/(src|bin)\/.*\.(ts|js|svelte)$/.test(path) && !path.endsWith('.d.ts'),
)
const imports: readonly Import[] = sources.flatMap(importsOf)
/** A file that leads to parts which load later: its imports are there before anything behind it is. */
const isDoor = (file: string): boolean => file.endsWith('/later.ts')

const packageOf = (path: string): string => path.split('/').slice(0, 2).join('/')

const SDK = 'packages/sdk/src/'
const DESKTOP = 'packages/desktop/src/'
const inSdk = (path: string | undefined): path is string => path?.startsWith(SDK) ?? false

/** Which entries of other packages a package may import; the relay knows the wire and nothing of the client. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  'packages/sdk': [],
  'packages/relay': ['@dchat/sdk/wire', '@dchat/sdk/errors'],
  'packages/bot-kit': [
    '@dchat/sdk',
    '@dchat/sdk/node',
    '@dchat/sdk/errors',
    '@dchat/sdk/testing',
    '@dchat/relay/testing',
  ],
  'packages/desktop': ['@dchat/sdk', '@dchat/sdk/browser', '@dchat/sdk/errors'],
  'packages/cli': [
    '@dchat/sdk',
    '@dchat/sdk/node',
    '@dchat/sdk/errors',
    '@dchat/sdk/wire',
    '@dchat/relay',
    '@dchat/bot-kit',
  ],
}

describe('the layer test itself', () => {
  test('sees every way to name a module', () => {
    const text = `import a from './a.ts'
      import type { B } from './b.ts'
      export { c } from './c.ts'
      export * from './d.ts'
      const e = await import('./e.ts')
      type F = import('./f.ts').F
      // import x from './comment.ts'
      const text = "import x from './text.ts'"`
    expect(specifiersIn('x.ts', text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts'])
  })

  test.each([
    ['protocol/topic/wrap.ts', 'client/client.ts'],
    ['client/core.ts', 'adapters/storage/memory.ts'],
    ['domain/messages/outbox.ts', 'domain/rooms/commit.ts'],
    ['adapters/storage/memory.ts', 'adapters/transport/link.ts'],
    ['client/core.ts', 'testing/network.ts'],
    ['records/message.ts', 'protocol/mls/engine.ts'],
    ['ports/clock.ts', 'protocol/mls/engine.ts'],
    ['somewhere/else.ts', 'errors.ts'],
  ])('objects to %s importing %s', (from, to) => expect(objection(from, to)).toBeTypeOf('string'))

  test('sees what components import', () => {
    const text =
      "<script module>\nimport A from './A.svelte'\n</script>\n<script lang=\"ts\">import b from './b.ts'</script>\n<b />"
    expect(specifiersIn('x.svelte', text)).toEqual(['./A.svelte', './b.ts'])
  })

  test.each([
    ['core/ipc.ts', 'renderer/lib/follow.ts'],
    ['main/index.ts', 'renderer/main.ts'],
    ['renderer/design/components/Row.svelte', 'renderer/state/desk.svelte.ts'],
    ['renderer/state/people.svelte.ts', 'renderer/design/toast.ts'],
    ['renderer/state/people.svelte.ts', 'renderer/host/index.ts'],
    ['renderer/features/offers/Card.svelte', 'renderer/features/people/Card.svelte'],
    ['renderer/features/offers/Card.svelte', 'renderer/host/browser.ts'],
    ['renderer/features/offers/Card.svelte', 'renderer/app/views.ts'],
    ['elsewhere/a.ts', 'core/ipc.ts'],
  ])('objects to %s importing %s in the app', (from, to) => expect(desktopObjection(from, to)).toBeTypeOf('string'))

  test('objects to packages where they do not belong', () => {
    expect(packageObjection('core/window.ts', 'electron')).toBeTypeOf('string')
    expect(packageObjection('core/window.ts', 'svelte/reactivity')).toBeTypeOf('string')
    expect(packageObjection('renderer/design/toast.ts', '@dchat/sdk')).toBeTypeOf('string')
    expect(packageObjection('main/window.ts', 'electron')).toBeUndefined()
  })

  test('finds a cycle, and none where there is none', () => {
    const graph = (...edges: [string, string[]][]) => cycles(new Map(edges))
    expect(graph(['a', ['b']], ['b', ['c']], ['c', ['a']], ['d', ['a']])).toEqual([['a', 'b', 'c']])
    expect(graph(['a', ['b', 'c']], ['b', ['c']], ['c', []])).toEqual([])
    expect(graph(['a', ['a']])).toEqual([['a']])
  })
})

describe('the sources', () => {
  test('relative imports name files that exist, with their extension', () => {
    const missing = imports.filter(({ to }) => to !== undefined && !existsSync(join(root, to)))
    // A package's `bin` starts what its build made.
    expect(missing.filter(({ from, to }) => !(from.includes('/bin/') && to?.includes('/dist/')))).toEqual([])
  })

  test('imports of the SDK point one way', () => {
    const inside = imports.filter(({ from, to }) => inSdk(from) && inSdk(to))
    expect(inside.length).toBeGreaterThan(0)
    const wrong = inside.map(({ from, to }) => objection(from.slice(SDK.length), (to as string).slice(SDK.length)))
    expect(wrong.filter((reason) => reason !== undefined)).toEqual([])
  })

  test('imports of the app point one way, and features do not know each other', () => {
    const inside = imports.filter(({ from }) => from.startsWith(DESKTOP))
    expect(inside.length).toBeGreaterThan(0)
    const wrong = inside.map(({ from, to, specifier }) => {
      const path = from.slice(DESKTOP.length)
      if (to === undefined) return packageObjection(path, specifier)
      // What the package says of itself, such as its version.
      return to.startsWith(DESKTOP) ? desktopObjection(path, to.slice(DESKTOP.length)) : undefined
    })
    expect(wrong.filter((reason) => reason !== undefined)).toEqual([])
  })

  test('no file reaches itself through its imports', () => {
    const edges = new Map(sources.map((file) => [file, [] as string[]]))
    // A component may draw itself within itself.
    const isNested = (from: string, to: string): boolean => from === to && to.endsWith('.svelte')
    for (const { from, to } of imports)
      if (to !== undefined && !isDoor(to) && !isNested(from, to)) edges.get(from)?.push(to)
    expect(cycles(edges)).toEqual([])
  })

  test('what is behind a door is loaded when it is asked for, and not before', () => {
    const door = /(?:^|\n)(?:import|export)[^\n]* '[^'\n]*\/later\.ts'/
    expect(door.test("import { a } from './later.ts'")).toBe(true)
    // The simulation has no time for loading.
    const early = sources.filter((file) => !file.includes('/src/testing/') && door.test(readText(file)))
    expect(early).toEqual([])
  })

  test('no package reaches into the folder of another', () => {
    expect(imports.filter(({ from, to }) => to !== undefined && packageOf(from) !== packageOf(to))).toEqual([])
  })

  test('packages know each other by public entries only, and the relay knows only the wire', () => {
    const wrong = imports.filter(
      ({ from, specifier }) => specifier.startsWith('@dchat/') && !ENTRIES[packageOf(from)]?.includes(specifier),
    )
    // Conformance suites and simulated networks are published for tests.
    expect(wrong.filter(({ from }) => !/\/src\/testing[./]/.test(from))).toEqual([])
  })

  test('environment code stands in adapters and in the composition for Node', () => {
    const outside = imports.filter(
      ({ from, specifier }) =>
        inSdk(from) &&
        /^(node:|ws$|libsql$)/.test(specifier) &&
        !/^(adapters|testing|platform\/node)/.test(from.slice(SDK.length)),
    )
    expect(outside).toEqual([])
  })

  test('every package that is imported is declared', () => {
    const declared = (path: string): readonly string[] => {
      const manifest = readJson(`${packageOf(path)}/package.json`) as Record<
        string,
        Record<string, string> | string | undefined
      >
      const bundled = manifest.devDependencies as Record<string, string> | undefined
      return [manifest.name as string, ...Object.keys(manifest.dependencies ?? {}), ...Object.keys(bundled ?? {})]
    }
    const nameOf = (specifier: string) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')
    const undeclared = imports.filter(
      ({ from, to, specifier }) =>
        // `#platform` is the package's own.
        to === undefined && !/^(node:|#)/.test(specifier) && !declared(from).includes(nameOf(specifier)),
    )
    // A conformance suite runs inside its user's own test runner.
    const suites = ({ from, specifier }: Import) => specifier === 'vitest' && from.includes('/src/testing/')
    expect(undeclared.filter((one) => !suites(one))).toEqual([])
  })
})
