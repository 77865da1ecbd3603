import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const example = join(root, 'examples/verify-receipt-python')
const vectors = join(root, 'packages/sdk/vectors/offers')
const isThere = spawnSync('python3', ['-c', 'import cryptography']).status === 0
const WHY = 'python3 with the package cryptography is not on this machine'
if (!isThere) process.stderr.write(`Skipped: the verifier in Python: ${WHY}.\n`)

// Compiled files would stand in the checkout.
const python = (...args: string[]) =>
  spawnSync('python3', ['-B', ...args], { cwd: example, encoding: 'utf8', env: { PATH: process.env.PATH } })

describe.skipIf(!isThere)('the verifier in Python', () => {
  test('agrees with the vectors on every event, step and receipt', () => {
    const { stdout, stderr, status } = python('check_vectors.py', vectors)
    expect([status, stderr]).toEqual([0, ''])
    expect(Number(/^(\d+) checks agree\.$/m.exec(stdout)?.[1])).toBeGreaterThan(300)
  })

  test('prints what a receipt proves, and names the field that does not hold', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dchat-python-'))
    try {
      const { valid, invalid } = JSON.parse(readFileSync(join(vectors, 'receipts.json'), 'utf8'))
      const file = join(folder, 'receipt')
      writeFileSync(file, Buffer.from(valid[0].encoded, 'hex'))
      expect(python('verify_receipt.py', file).stdout).toMatch(/^Agreed on .*: 80\.00 EUR\n {2}1 x A bicycle\n/)
      writeFileSync(file, Buffer.from(invalid[0].encoded, 'hex'))
      const { status, stderr } = python('verify_receipt.py', file)
      expect([status, stderr]).toEqual([1, `It does not hold. ${invalid[0].field}: none of the steps made it\n`])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('needs the standard library and one package', () => {
    const own = execFileSync('ls', [example], { encoding: 'utf8' }).match(/\w+(?=\.py)/g) ?? []
    const sources = own.map((name) => readFileSync(join(example, `${name}.py`), 'utf8')).join('\n')
    const imported = [...sources.matchAll(/^(?:from|import) (\w+)/gm)].map(([, name]) => name as string)
    const allowed = new Set([...own, 'cryptography', 'datetime', 'hashlib', 'json', 'pathlib', 're', 'sys'])
    expect(imported.filter((name) => !allowed.has(name))).toEqual([])
  })
})
