import { homedir } from 'node:os'
import { expect, test } from 'vitest'
import { projectFiles, readText, root } from './lib/tree.ts'

const BINARY = /\.(png|ico|icns|woff2?|db|gz|tgz)$/
/** Official vectors are other people's data, taken over byte for byte. */
const texts = projectFiles()
  .filter((path) => !BINARY.test(path) && !/(^|\/)vectors\//.test(path))
  .map((path) => ({ path, text: readText(path) }))

/** This file names what it forbids, split so that it does not find itself. */
const forbid = (what: string, pattern: RegExp, files = texts) => {
  const found = files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  )
  expect(found, what).toEqual([])
}

test('no file names the host of a package registry', () => {
  forbid(
    'registry',
    new RegExp(['registry\\.npm', 'js\\.org|registry\\.yarn', 'pkg\\.com|npm\\.pkg\\.git', 'hub\\.com'].join('')),
  )
})

test('the lockfile names packages by version and hash, never by address', () => {
  const lock = texts.filter(({ path }) => path === 'pnpm-lock.yaml')
  expect(lock).toHaveLength(1)
  forbid('tarball', /tarball:|https?:\/\//, lock)
})

test('no file holds a path of the machine on which it was written', () => {
  const here = [root.replace(/\/$/, ''), homedir()].filter((path) => path.length > 4)
  const escaped = here.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  forbid('path', new RegExp(`(^|[^\\w.-])(${['/work', '/farm', '/root', ...escaped].join('|')})/[A-Za-z0-9_.-]`))
})

test('no file holds a private key or an access token', () => {
  forbid(
    'secret',
    new RegExp(
      ['-----BEGIN [A-Z ]*PRIV', 'ATE KEY|npm_[A-Za-z0-9]{36}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}'].join(''),
    ),
  )
})

test('nothing is left unfinished or switched off', () => {
  const code = texts.filter(({ path }) => /\.(ts|mjs|js)$/.test(path))
  forbid('marker', new RegExp(['\\b(TO', 'DO|FIX', 'ME|XX', 'X)\\b'].join('')), code)
  forbid('narrowed', new RegExp(['\\b(test|it|describe)\\.(on', 'ly|to', 'do)\\('].join('')), code)
})
