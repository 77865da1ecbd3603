import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Plugin } from 'vite'

const WORKER = 'service-worker.js'

/** Not for people who use the app: the gallery, licences, and what debuggers read. */
const isForUsers = (path: string): boolean => !/(^|\/)gallery[^/]*$|\.(map|txt)$|^service-worker\.js$/.test(path)

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(isForUsers)
    .toSorted()

/** Tells the service worker which files the build has, and one word for all that is in them. */
export const offline = (): Plugin => ({
  name: 'dchat:offline',
  apply: 'build',
  writeBundle: ({ dir = '' }) => {
    const files = filesOf(dir)
    const hash = createHash('sha256')
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(dir, file)))
    const build = { version: hash.digest('hex').slice(0, 16), files }
    const worker = join(dir, WORKER)
    writeFileSync(worker, `self.dchatBuild=${JSON.stringify(build)};\n${readFileSync(worker, 'utf8')}`)
  },
})
