import { randomInt } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })

const secretFile = async (name: string, secret: string): Promise<string> => {
  await mkdir(net.home(name), { recursive: true })
  const path = join(net.home(name), `${secret}.secret`)
  await writeFile(path, `${secret}\n`)
  return path
}
const texts = async (name: string, chat: string): Promise<unknown[]> =>
  jsonLines((await net.run(name, 'read', chat, '--json', '--limit', '2000')).out).flatMap(({ type, text }) =>
    type === 'message' ? [text] : [],
  )
const partsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((entry) => entry.endsWith('.part'))
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Starts a command and kills it with -9 as soon as `isDue`; false if it was faster. */
const killed = async (isDue: () => Promise<boolean>, delay: number, name: string, ...argv: string[]) => {
  const life = net.start(name, ...argv)
  let over = false
  void life.ended.then(() => {
    over = true
  })
  while (!over && !(await isDue())) await sleep(1)
  await sleep(delay)
  life.child.kill('SIGKILL')
  return (await life.ended).signal === 'SIGKILL'
}

describe('a backup, in terminals', () => {
  test('is one private file, read back; ten messages later the store is lost, and nothing else is', async () => {
    await net.init('ann')
    await net.init('ben')
    await net.introduce('ann', 'ben')
    await net.run('ann', 'send', 'ben', 'before')
    await net.run('ben', 'read', 'ann')
    const secret = await secretFile('ben', 'of-the-backup')
    const file = join(net.home('ben'), 'backup.dchat')
    const made = await net.run('ben', 'export', file, '--backup-passphrase-file', secret, '--json')
    expect(made).toMatchObject({ code: 0, err: '' })
    const { data } = JSON.parse(made.out)
    expect(data).toMatchObject({ file, bytes: (await stat(file)).size, rows: expect.any(Number) })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await readFile(file)).includes('before')).toBe(false)
    expect(await partsIn(net.home('ben'))).toEqual([])

    for (let i = 0; i < 5; i++) {
      await net.run('ann', 'send', 'ben', `hers ${i}`)
      await net.run('ben', 'send', 'ann', `his ${i}`)
    }
    await net.run('ben', 'read', 'ann')
    const spoken = await texts('ann', 'ben')
    expect(spoken).toHaveLength(11)

    // Another home: nothing of the old one but the file.
    const restored = await net.run('ben2', 'import', file, '--backup-passphrase-file', secret, '--json')
    expect(restored).toMatchObject({ code: 0 })
    expect(JSON.parse(restored.out).data).toMatchObject({ rows: data.rows, protection: 'key-file' })
    expect(await net.run('ben2', 'send', 'ann', 'I am back')).toMatchObject({ code: 0 })
    expect(await texts('ben2', 'ann')).toEqual([...spoken, 'I am back'])
    expect(await texts('ann', 'ben')).toEqual([...spoken, 'I am back'])
  })

  test('is made through whoever has the store', async () => {
    const listening = net.start('ann', 'listen', '--json')
    const secret = await secretFile('ann', 'through-the-owner')
    const file = join(net.home('ann'), 'owned.dchat')
    await net.run('ben2', 'send', 'ann', 'is she there?')
    // From now on it has the store.
    expect(await listening.line()).toBeDefined()
    expect(await net.run('ann', 'export', file, '--backup-passphrase-file', secret)).toMatchObject({ code: 0 })
    expect(await net.run('ann', 'export', file, '--backup-passphrase-file', secret)).toMatchObject({ code: 2 })
    const again = await net.run('ann', 'export', file, '--backup-passphrase-file', secret, '--overwrite')
    expect(again).toMatchObject({ code: 0 })
    listening.child.kill('SIGTERM')
    await listening.ended
  })

  test('killed with -9 while it is written, there is none, and the next one is whole', async () => {
    const secret = await secretFile('ann', 'in-the-middle')
    const folder = join(net.home('ann'), 'backups')
    await mkdir(folder)
    const file = join(folder, 'b.dchat')
    const isWriting = async () => (await partsIn(folder)).length > 0
    const command = ['export', file, '--backup-passphrase-file', secret] as const
    let deaths = 0
    for (let i = 0; i < 3; i++) {
      if (!(await killed(isWriting, randomInt(150), 'ann', ...command))) break
      deaths++
      expect(await exists(file)).toBe(false)
    }
    expect(deaths).toBeGreaterThan(0)
    expect(await net.run('ann', ...command, '--overwrite')).toMatchObject({ code: 0 })
    expect(await readdir(folder)).toEqual(['b.dchat'])
  })

  test('killed with -9 while it is read, the profile opens for nobody, and goes on with the same file', async () => {
    const secret = await secretFile('eve', 'of-a-long-life')
    await net.init('eve')
    const lines = Array.from({ length: 400 }, (_, i) => JSON.stringify({ chat: 'ann', text: `line ${i}` }))
    await net.introduce('eve', 'ann')
    const sent = await net.runWith({ input: `${lines.join('\n')}\n` }, 'eve', 'send', '--jsonl')
    expect(sent.code).toBe(0)
    const file = join(net.home('eve'), 'b.dchat')
    await net.run('eve', 'export', file, '--backup-passphrase-file', secret)

    const database = join(net.home('eve2'), 'data', 'default', 'dchat.db')
    const command = ['import', file, '--backup-passphrase-file', secret, '--json'] as const
    let deaths = 0
    for (let i = 0; i < 5; i++) {
      if (!(await killed(() => exists(database), i === 0 ? 5 : randomInt(60), 'eve2', ...command))) break
      deaths++
      const refused = await net.run('eve2', 'whoami', '--json')
      // Killed before its first word, it is a new profile still; after its last, a whole one.
      if (refused.code !== 0)
        expect(['backup/incomplete', 'identity/none']).toContain(JSON.parse(refused.err).error.code)
    }
    expect(deaths).toBeGreaterThan(0)
    const last = await net.run('eve2', ...command)
    if (last.code !== 0) expect(JSON.parse(last.err).error.code).toBe('identity/exists')
    expect(await texts('eve2', 'ann')).toHaveLength(400)
  })

  test('of another passphrase, damaged, or into a profile that is there, it is refused in one sentence', async () => {
    const [right, wrong] = [await secretFile('fay', 'right'), await secretFile('fay', 'wrong')]
    await net.init('fay')
    const file = join(net.home('fay'), 'b.dchat')
    await net.run('fay', 'export', file, '--backup-passphrase-file', right)
    const refusal = async (path: string, secret: string, name: string) => {
      const { code, err } = await net.run(name, 'import', path, '--backup-passphrase-file', secret, '--json')
      return [code, JSON.parse(err).error.code]
    }
    expect(await refusal(file, wrong, 'fay2')).toEqual([4, 'identity/wrong-passphrase'])
    const bytes = await readFile(file)
    await writeFile(`${file}.cut`, bytes.subarray(0, bytes.length - 1))
    expect(await refusal(`${file}.cut`, right, 'fay2')).toEqual([1, 'backup/damaged'])
    expect(await refusal(right, right, 'fay2')).toEqual([1, 'backup/damaged'])
    expect(await refusal(file, right, 'fay')).toEqual([10, 'identity/exists'])
    expect(await refusal(`${file}.none`, right, 'fay2')).toEqual([2, 'usage/invalid-argument'])
    expect(await net.run('fay2', 'import', file)).toMatchObject({ code: 2, out: '' })
  })
})

describe('what locks a profile', () => {
  test('goes from key file to passphrase, to another one and back; the old one opens nothing', async () => {
    await net.init('gus')
    const [one, two] = [await secretFile('gus', 'one'), await secretFile('gus', 'two')]
    const whoami = (...argv: string[]) => net.run('gus', 'whoami', ...argv)
    const set = (to: string, ...argv: string[]) =>
      net.run('gus', 'passphrase', 'set', '--new-passphrase-file', to, '--json', ...argv)
    const locked = await set(one)
    expect(JSON.parse(locked.out).data).toEqual({ profile: 'default', protection: 'passphrase' })
    expect(await whoami()).toMatchObject({ code: 4 })
    expect(await whoami('--passphrase-file', one)).toMatchObject({ code: 0 })
    expect(await exists(join(net.home('gus'), 'data', 'default', 'store.key'))).toBe(false)
    expect(JSON.parse((await set(two, '--passphrase-file', two)).err).error.code).toBe('identity/wrong-passphrase')
    expect(await set(two, '--passphrase-file', one)).toMatchObject({ code: 0 })
    expect(await whoami('--passphrase-file', one)).toMatchObject({ code: 4 })
    const removed = await net.run('gus', 'passphrase', 'remove', '--passphrase-file', two)
    expect(removed).toMatchObject({ code: 0 })
    expect(await whoami()).toMatchObject({ code: 0 })
  })

  test('does not change while somebody has the store; a kill leaves the old way or the new one', async () => {
    const one = await secretFile('gus', 'one')
    const listening = net.start('gus', 'listen', '--json')
    while (!(await exists(join(net.home('gus'), 'run', 'default.sock')))) await sleep(20)
    const busy = await net.run('gus', 'passphrase', 'set', '--new-passphrase-file', one, '--json')
    expect([busy.code, JSON.parse(busy.err).error.code]).toEqual([10, 'storage/in-use'])
    listening.child.kill('SIGTERM')
    await listening.ended
    const due = async () => true
    for (const delay of [250, 400, 550]) {
      await killed(due, delay, 'gus', 'passphrase', 'set', '--new-passphrase-file', one)
      const [plain, withIt] = [await net.run('gus', 'whoami'), await net.run('gus', 'whoami', '--passphrase-file', one)]
      expect([plain.code, withIt.code].filter((code) => code === 0)).toHaveLength(1)
      if (withIt.code === 0) await net.run('gus', 'passphrase', 'remove', '--passphrase-file', one)
    }
  })
})
