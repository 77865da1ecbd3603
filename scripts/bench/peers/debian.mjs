import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '../../lib/run.mjs'
import { PeerMissing } from '../runner.mjs'
import { cacheFolder } from './install.mjs'

const C = { env: { LC_ALL: 'C' } }

/** What apt would install for a package here, without those that this machine has already. */
const missing = async (name) => {
  const { code, output } = await run(['apt-get', 'install', '--simulate', '--no-install-recommends', name], C)
  if (code !== 0) throw new PeerMissing(`apt has no package ${name} (not Debian, or "apt-get update" was never run)`)
  return [...output.matchAll(/^Inst (?<name>\S+)/gm)].map((match) => match.groups.name)
}

const must = async (command, cwd, what) => {
  const { code } = await run(command, { ...C, cwd })
  if (code !== 0) throw new PeerMissing(what)
}

/**
 * Unpacks a Debian package and what it needs into a folder of the user's cache, once. Nothing is installed and no service
 * starts: a peer is there for the benchmark alone.
 * Throws `PeerMissing` where that does not work, or where the machine has the package itself.
 * @param {string} name
 * @returns {Promise<string>} the folder that stands for `/`
 */
export const unpackDebian = async (name) => {
  const folder = join(cacheFolder(), 'dchat-bench', `debian-${name}`)
  if (existsSync(folder)) return folder
  const names = await missing(name)
  if (!names.includes(name)) throw new PeerMissing(`${name} is installed on this machine; it is measured unpacked only`)
  process.stderr.write(`Unpacking ${name} into ${folder}\n`)
  mkdirSync(dirname(folder), { recursive: true })
  const fresh = mkdtempSync(`${folder}-`)
  try {
    const archives = join(fresh, 'archives')
    mkdirSync(archives)
    await must(['apt-get', 'download', ...names], archives, `apt could not download ${name} (no network)`)
    for (const file of readdirSync(archives))
      await must(['dpkg-deb', '-x', join(archives, file), fresh], fresh, `${file} could not be unpacked`)
    rmSync(archives, { recursive: true })
    renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}

/** Folders of one unpacked tree with the libraries of this machine's architecture. */
export const libraryFolders = (root) =>
  ['lib', 'usr/lib']
    .map((name) => join(root, name))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('-linux-gnu'))
        .map((name) => join(folder, name)),
    )
