import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { root } from '../lib/tree.ts'

const packed = inject('packed')
const bin = (name: string): string => join(root, 'node_modules/.bin', name)

interface AttwReport {
  readonly analysis: { readonly entrypoints: Readonly<Record<string, unknown>> }
  readonly problems: Readonly<Record<string, readonly { readonly resolutionKind?: string }[]>>
}

/** What a tool prints; a failing one throws with it. */
const run = (name: string, args: readonly string[]): string => {
  try {
    return execFileSync(bin(name), args, { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
  } catch (error) {
    throw new Error(`${name} ${args.join(' ')}\n${(error as { stdout?: string }).stdout ?? ''}`, { cause: error })
  }
}

const filesOf = (tarball: string): readonly string[] =>
  execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map((path) => path.replace(/^package\//, ''))

describe.each(packed)('the tarball of $name', ({ name, tarball, manifest }) => {
  test('has nothing for publint to say', () => {
    expect(run('publint', ['run', tarball, '--strict'])).toContain('All good!')
  })

  test('holds what is meant for a reader, and no sources, tests or settings', () => {
    const files = filesOf(tarball)
    expect(files).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'README.md']))
    expect(
      files.filter((path) => !/^(dist|bin|vectors|schemas)\/|^[A-Z-]+(\.md)?$|^package\.json$/.test(path)),
    ).toEqual([])
    expect(files.filter((path) => /^dist\/internal|\.test\./.test(path))).toEqual([])
  })

  test('names its dependencies by versions that a registry knows', () => {
    const dependencies = Object.entries(manifest.dependencies ?? {})
    for (const [dependency, range] of dependencies) {
      expect(range, dependency).toMatch(/^\d+\.\d+\.\d+$/)
      const own = packed.find((other) => other.name === dependency)
      if (own) expect(range).toBe(own.manifest.version)
    }
    if (name !== '@dchat/sdk') expect(dependencies.map(([dependency]) => dependency)).toContain('@dchat/sdk')
  })
})

test.each(packed.filter(({ manifest }) => manifest.exports))(
  'the tarball of $name has types that fit its code, at every entry',
  ({ tarball, manifest }) => {
    const { analysis, problems } = JSON.parse(
      run('attw', [tarball, '--profile', 'esm-only', '--format', 'json']),
    ) as AttwReport
    expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(manifest.exports ?? {}))
    // Who does not know "exports", or has only `require`, cannot import an ES module anyway.
    const others = ['node10', 'node16-cjs']
    expect(
      Object.values(problems).flatMap((all) => all.filter((one) => !others.includes(one.resolutionKind ?? ''))),
    ).toEqual([])
  },
)
