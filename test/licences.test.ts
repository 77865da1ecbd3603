import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, readJson, root } from './lib/tree.ts'

const ALLOWED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD']
/** Accepted by name, each for its reason. */
const NAMED: Readonly<Record<string, string>> = {
  tweetnacl: 'Unlicense', // public domain
  'svelte-toolbelt': 'none', // MIT, by the LICENSE file in it
  '@fontsource-variable/inter': 'OFL-1.1', // a typeface, free in programs and documents
}

/** What the SDK's build contains, besides its dependencies. */
const BUNDLED = ['ts-mls', 'mlkem']

/** What makes and tests the app; everything else that it declares is in its build. */
const TOOLS = [
  '@axe-core/playwright',
  '@dchat/relay',
  '@sveltejs/vite-plugin-svelte',
  // Its installer's packages go nowhere, and its own licences travel with its program.
  'electron',
  'electron-builder',
  'electron-vite',
  'svelte-check',
  'vite',
]

/** What a package's own build contains. */
const bundled = (path: string): readonly string[] => {
  if (path.startsWith('packages/sdk/')) return BUNDLED
  if (!path.startsWith('packages/desktop/')) return []
  const { devDependencies } = readJson(path) as { readonly devDependencies: Readonly<Record<string, string>> }
  return Object.keys(devDependencies).filter((name) => !TOOLS.includes(name))
}

interface Manifest {
  readonly name: string
  readonly license?: string | { readonly type: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifests = projectFiles().filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))

/** The folder of an installed package as Node finds it from another; undefined for one of another platform. */
const locate = (name: string, from: string): string | undefined =>
  createRequire(join(from, 'package.json'))
    .resolve.paths(name)
    ?.map((folder) => join(folder, name))
    .find((folder) => existsSync(join(folder, 'package.json')))

/** Everything that a user of the packages receives: production dependencies and theirs, and what is bundled. */
const shipped = (): ReadonlyMap<string, Manifest> => {
  const found = new Map<string, Manifest>()
  const visit = (folder: string, extra: readonly string[] = []): void => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    if (found.has(folder)) return
    found.set(folder, manifest)
    const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
    for (const name of [...names, ...extra]) {
      const next = locate(name, folder)
      if (next !== undefined) visit(next)
    }
  }
  for (const path of manifests) visit(join(root, dirname(path)), bundled(path))
  return found
}

const licenceOf = ({ license }: Manifest): string => (typeof license === 'string' ? license : (license?.type ?? 'none'))

const isAllowed = (manifest: Manifest): boolean => {
  const alternatives = licenceOf(manifest).replace(/[()]/g, '').split(' OR ')
  return alternatives.some((one) => ALLOWED.includes(one)) || NAMED[manifest.name] === licenceOf(manifest)
}

test('every package that reaches a user has an accepted licence', () => {
  const packages = [...shipped().values()]
  expect(packages.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['@dchat/sdk', 'ts-mls', 'tweetnacl', 'libsql', 'yargs', 'svelte', 'bits-ui']),
  )
  expect(
    packages.filter((manifest) => !isAllowed(manifest)).map((manifest) => `${manifest.name}: ${licenceOf(manifest)}`),
  ).toEqual([])
})

test('the workspace and its packages are under the MIT licence', () => {
  for (const path of ['package.json', ...manifests]) expect(readJson(path), path).toHaveProperty('license', 'MIT')
  expect(readFileSync(join(root, 'LICENSE'), 'utf8')).toContain('MIT License')
})

test('the notice of what is bundled into the SDK travels with it', () => {
  const notices = readFileSync(join(root, 'packages/sdk/THIRD-PARTY-NOTICES.md'), 'utf8')
  for (const name of BUNDLED) expect(notices).toContain(`## ${name} `)
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: join(root, 'packages/sdk'),
    encoding: 'utf8',
  })
  expect(packed).toContain('THIRD-PARTY-NOTICES.md')
})
