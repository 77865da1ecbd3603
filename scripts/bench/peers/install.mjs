import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { run } from '../../lib/run.mjs'
import { PeerMissing } from '../runner.mjs'

/** Where a person's machine keeps what can be fetched again. */
export const cacheFolder = () => {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME
  if (process.platform === 'win32' && LOCALAPPDATA) return LOCALAPPDATA
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
}

/** Versions and hashes are pinned; npm checks the hashes. Without addresses it asks the registry that is configured. */
const lockOf = (name, packages) => ({
  name: 'dchat-bench-peer',
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': { name: 'dchat-bench-peer', dependencies: { [name]: packages[name].version } },
    ...Object.fromEntries(Object.entries(packages).map(([at, pinned]) => [`node_modules/${at}`, pinned])),
  },
})

const NPM = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', '--fetch-retries=1']

/**
 * Installs a package outside of the workspace, once for this user, and tells the path of its main file. A peer is never
 * a dependency: its licence may be another one, and nobody who builds or uses dchat needs it.
 * Throws `PeerMissing` where it cannot be installed.
 * @param {string} name
 * @param {string} main path of its main file
 * @param {Record<string, { version: string, integrity: string }>} packages it and what it needs
 * @returns {Promise<string>} URL to import
 */
export const installPeer = async (name, main, packages) => {
  const { version } = packages[name]
  const folder = join(cacheFolder(), 'dchat-bench', `${name.replace(/\W+/g, '-').replace(/^-/, '')}-${version}`)
  const file = join(folder, 'node_modules', name, main)
  if (!existsSync(file)) {
    process.stderr.write(`Installing ${name} ${version} into ${folder}\n`)
    mkdirSync(dirname(folder), { recursive: true })
    const fresh = mkdtempSync(`${folder}-`)
    try {
      const write = (path, value) => writeFileSync(join(fresh, path), JSON.stringify(value))
      write('package.json', { name: 'dchat-bench-peer', private: true, dependencies: { [name]: version } })
      write('package-lock.json', lockOf(name, packages))
      const { code } = await run(NPM, { cwd: fresh })
      if (code !== 0 || !existsSync(join(fresh, 'node_modules', name, main)))
        throw new PeerMissing(`npm could not install ${name} ${version} (no network, or not made for this machine)`)
      rmSync(folder, { recursive: true, force: true })
      renameSync(fresh, folder)
    } finally {
      rmSync(fresh, { recursive: true, force: true })
    }
  }
  return pathToFileURL(file).href
}

/**
 * Imports an installed peer.
 * @param {string} url
 * @returns {Promise<any>}
 */
export const importPeer = (url) =>
  import(url).catch((cause) => {
    throw new PeerMissing('it is installed and does not load on this machine', { cause })
  })
