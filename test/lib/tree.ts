import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The workspace's root folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** What git tracks or would track, as paths from the root with forward slashes; deleted files are left out. */
export const projectFiles = (): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .toSorted()

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8')

export const readJson = (path: string): unknown => JSON.parse(readText(path))
