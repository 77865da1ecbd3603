import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { readJson, root } from './tree.ts'

/** A package as it would be published: its tarball, and the tarball unpacked where a package manager would put it. */
export interface Packed {
  readonly name: string
  readonly tarball: string
  readonly folder: string
  readonly manifest: Manifest
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

const { packageManager } = readJson('package.json') as { packageManager: string }

/** Runs the workspace's pnpm: the one on the path (`npm test` puts it there), or the same version by `npx`. */
const pnpm = (args: readonly string[]): void => {
  const env = { ...process.env, npm_config_update_notifier: 'false' }
  const run = (program: string, all: readonly string[]) =>
    execFileSync(program, all, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
  try {
    run('pnpm', args)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    run('npx', ['-y', packageManager, ...args])
  }
}

export const link = (target: string, path: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path, 'junction')
}

/** The folder of a package as the package in `from` finds it. */
const located = (name: string, from: string): string => {
  const folders = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder))
  if (found === undefined) throw new Error(`${name} is not installed for ${from}`)
  return found
}

/** The folder of modules in which a packed package and its dependencies stand. */
export const modulesOf = ({ name, folder }: Pick<Packed, 'name' | 'folder'>): string =>
  join(folder, '../'.repeat(name.split('/').length))

/** Where the unpacked package stands inside `folder`; only what it declares stands beside it. */
const placeOf = (folder: string, name: string): string => join(folder, name.replace(/\W+/g, '-'), 'node_modules', name)

const unpack = (folder: string, tarball: string): Packed => {
  const manifestText = execFileSync('tar', ['xzOf', tarball, 'package/package.json'], { encoding: 'utf8' })
  const manifest = JSON.parse(manifestText) as Manifest
  const place = placeOf(folder, manifest.name)
  mkdirSync(place, { recursive: true })
  execFileSync('tar', ['xzf', tarball, '-C', place, '--strip-components=1'])
  return { name: manifest.name, tarball, folder: place, manifest }
}

/** The folders of the packages that are published, from the root. */
const published = (): readonly string[] =>
  readdirSync(join(root, 'packages'))
    .map((name) => `packages/${name}`)
    .filter((folder) => (readJson(`${folder}/package.json`) as { private?: boolean }).private !== true)

/**
 * Packs every package of the workspace that is published and installs the tarballs below `folder`: each in a place of its own, beside
 * nothing but the dependencies that its packed manifest names. What is not declared is not found.
 */
export const packAll = (folder: string): readonly Packed[] => {
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs)
  const filters = published().flatMap((path) => ['--filter', `./${path}`])
  pnpm(['-r', ...filters, 'pack', '--pack-destination', tarballs])
  const packed = readdirSync(tarballs).map((name) => unpack(folder, join(tarballs, name)))
  const sources = new Map(
    readdirSync(join(root, 'packages')).map((name) => {
      const source = join(root, 'packages', name)
      return [(JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest).name, source]
    }),
  )
  for (const one of packed) {
    const modules = modulesOf(one)
    for (const name of Object.keys(one.manifest.dependencies ?? {})) {
      const own = packed.find((other) => other.name === name)
      link(own?.folder ?? located(name, sources.get(one.name) as string), join(modules, name))
    }
  }
  return packed
}

/** An empty project outside the workspace that has installed the packed packages. */
export interface Project {
  readonly folder: string
  write(name: string, text: string): string
  read(name: string): string
  remove(): void
}

/** `tools` are packages of the workspace's root that the project has besides. */
export const createProject = (packed: readonly Packed[], tools: readonly string[] = []): Project => {
  const first = packed[0]
  if (first === undefined) throw new Error('nothing is packed')
  const folder = mkdtempSync(join(dirname(first.tarball), '../project-'))
  for (const { name, folder: target } of packed) link(target, join(folder, 'node_modules', name))
  for (const name of tools) link(located(name, root), join(folder, 'node_modules', name))
  const write = (name: string, text: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  write('package.json', '{ "name": "empty", "private": true, "type": "module" }\n')
  return {
    folder,
    write,
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
