import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** The folders of the packages, in the order in which they depend on each other. */
export const packages = () => {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
  const manifests = folders
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  const sorted = []
  const visit = (entry) => {
    if (sorted.includes(entry)) return
    for (const other of manifests) if (other.manifest.name in (entry.manifest.dependencies ?? {})) visit(other)
    sorted.push(entry)
  }
  for (const entry of manifests) visit(entry)
  return sorted
}

const files = (path) => {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path).flatMap((name) => files(join(path, name)))
}

const times = (paths) => paths.flatMap(files).map((file) => statSync(file).mtimeMs)

/** True if pnpm's record of what it installed is the committed lockfile. */
export const isInstalled = () => {
  const record = join(root, 'node_modules/.pnpm/lock.yaml')
  return existsSync(record) && readFileSync(record).equals(readFileSync(join(root, 'pnpm-lock.yaml')))
}

/** What builds are made from, besides the lockfile; a package has some of them. */
const SOURCES = [
  'src',
  'package.json',
  'tsup.config.ts',
  'electron.vite.config.ts',
  'renderer.config.ts',
  'svelte.config.js',
  'vite',
]

/** True if every package with a build has an output that is newer than everything it was made from. */
export const isBuilt = () =>
  packages()
    .filter(({ manifest }) => manifest.scripts?.build)
    .every(({ folder }) => {
      const built = times([join(folder, 'dist')])
      const sources = SOURCES.map((name) => join(folder, name))
      return built.length > 0 && Math.min(...built) > Math.max(...times([...sources, join(root, 'pnpm-lock.yaml')]))
    })
