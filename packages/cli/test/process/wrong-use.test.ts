import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dchat, jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })

/** One sentence that says what happened, one that says what to do; nothing on stdout. */
const sentences = ({ out, err }: { out: string; err: string }): string[] => {
  expect(out).toBe('')
  const lines = err.trim().split('\n')
  for (const line of lines) expect(line).toMatch(/\.$/)
  return lines
}

describe('wrong use gives one sentence, a remedy and its exit code', () => {
  test('no identity: 4', async () => {
    const ended = await net.run('nobody', 'whoami')
    expect(ended.code).toBe(4)
    expect(sentences(ended)).toEqual([
      'dchat: The profile "default" has no identity yet.',
      'Create one with "dchat init", or bring one back with "dchat restore".',
    ])
    expect(await readdir(net.root)).not.toContain('nobody')
  })

  test('init without a relay: 2', async () => {
    const ended = await net.run('nobody', 'init')
    expect(ended.code).toBe(2)
    expect(sentences(ended)[0]).toContain('--relay')
    expect((await net.run('nobody', 'init', '--relay', 'http://x')).code).toBe(2)
  })

  test('a second init: 10, and the first identity stays', async () => {
    const { address } = await net.init('alice')
    const ended = await net.run('alice', 'init', '--relay', net.relay)
    expect(ended.code).toBe(10)
    expect(sentences(ended)[0]).toContain('already has an identity')
    expect((await net.run('alice', 'restore', '--relay', net.relay, '--phrase-file', '/dev/null')).code).not.toBe(0)
    expect(JSON.parse((await net.run('alice', 'whoami', '--json')).out).data.address).toBe(address)
  })

  test('an unknown peer: 5; a broken address: 2', async () => {
    const unknown = await net.run('alice', 'send', 'zoe', 'hi')
    expect(unknown.code).toBe(5)
    expect(sentences(unknown)[0]).toBe('dchat: Nobody is known as "zoe".')
    expect((await net.run('alice', 'send', 'dchat1qqqq', 'hi')).code).toBe(2)
    expect((await net.run('alice', 'contacts', 'add', 'dchat1qqqq')).code).toBe(2)
  })

  test('an address that no relay knows: 5', async () => {
    const stranger = 'other-net'
    const made = await net.run(stranger, 'init', '--relay', 'ws://127.0.0.1:9', '--json', '--timeout', '500ms')
    expect(made.code).toBe(0)
    expect(JSON.parse(made.out).data.published).toBe(false)
    const ended = await net.run('alice', 'send', JSON.parse(made.out).data.address, 'hi', '--timeout', '20s')
    expect(ended.code).toBe(5)
    expect(sentences(ended)[1]).toContain('invite link')
  })

  test('no relay: 3; the message is safe and goes out later', async () => {
    const ended = await net.run('other-net', 'send', (await net.init('bob')).link, 'later', '--timeout', '1s')
    expect(ended.code).toBe(3)
    expect(sentences(ended)[1]).toContain('safe in the outbox')
    expect((await net.run('other-net', 'read', 'x', '--timeout', '500ms')).code).toBe(3)
    const ping = await net.run('other-net', 'relay', 'ping', '--timeout', '500ms')
    expect(ping.code).toBe(3)
    const [chat] = jsonLines((await net.run('other-net', 'chats', '--json')).out)
    const kept = await net.run('other-net', 'read', String(chat?.id), '--offline', '--json')
    expect(jsonLines(kept.out)[0]).toMatchObject({ text: 'later', state: 'queued' })
  })

  test('not confirmed in time: 8', async () => {
    const ended = await net.run(
      'alice',
      'send',
      (await net.init('carol')).link,
      'hi',
      '--wait',
      'delivered',
      '--timeout',
      '2s',
    )
    expect(ended.code).toBe(8)
    expect(sentences(ended)[1]).toContain('safe in the outbox')
  })

  test('a passphrase: none 4, wrong 4, right 0, in a file, a descriptor or the environment', async () => {
    const right = join(net.root, 'right')
    const wrong = join(net.root, 'wrong')
    await writeFile(right, 'correct horse\n')
    await writeFile(wrong, 'battery staple\n')
    expect((await net.run('dora', 'init', '--relay', net.relay, '--passphrase-file', right)).code).toBe(0)
    const locked = await net.run('dora', 'whoami')
    expect(locked.code).toBe(4)
    expect(sentences(locked)[1]).toContain('--passphrase-file')
    const refused = await net.run('dora', 'whoami', '--passphrase-file', wrong)
    expect(refused.code).toBe(4)
    expect(sentences(refused)[0]).toBe('dchat: The passphrase is wrong.')
    expect((await net.run('dora', 'whoami', '--passphrase-file', right)).code).toBe(0)
    expect((await net.runWith({ input: 'correct horse' }, 'dora', 'whoami', '--passphrase-file', '-')).code).toBe(0)
    // Only a process has descriptors of its own.
    const described = await dchat(net.home('dora'), ['whoami', '--passphrase-fd', '0'], { input: 'correct horse' })
    expect(described.code).toBe(0)
    expect((await net.runWith({ env: { DCHAT_PASSPHRASE_FILE: right } }, 'dora', 'whoami')).code).toBe(0)
    expect((await net.run('dora', 'whoami', '--passphrase-file', join(net.root, 'none'))).code).toBe(2)
  })

  test('a store in use, without the socket: 10', async () => {
    const listening = net.start('bob', 'listen', '--json')
    await net.run('alice', 'send', (await net.run('bob', 'invite')).out.trim(), 'wake up', '--timeout', '20s')
    expect(await listening.line()).toContain('"request"')
    const ended = await net.run('bob', 'whoami', '--no-daemon')
    expect(ended.code).toBe(10)
    expect(sentences(ended)[1]).toContain('--no-daemon')
    listening.child.kill('SIGTERM')
    expect((await listening.ended).code).toBe(143)
  })

  test('other relays than those of the identity: 2', async () => {
    const ended = await net.run('alice', 'whoami', '--relay', 'ws://elsewhere')
    expect(ended.code).toBe(2)
  })

  test('a folder that cannot be used: 1', async () => {
    await writeFile(join(net.root, 'file'), '')
    const ended = await net.run('file', 'init', '--relay', net.relay)
    expect(ended.code).toBe(1)
    expect(sentences(ended)).toHaveLength(2)
  })

  test('a settings file that is damaged: 1, and it is named', async () => {
    await mkdir(join(net.home('eve'), 'config'), { recursive: true })
    await writeFile(join(net.home('eve'), 'config', 'config.json'), '{')
    const ended = await net.run('eve', 'whoami')
    expect(ended.code).toBe(1)
    expect(sentences(ended)[0]).toContain('config.json')
  })
})

describe('files and secrets', () => {
  test('everything lies below DCHAT_HOME, for its user alone', async () => {
    const wide: string[] = []
    const walk = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name)
        if (((await stat(path)).mode & 0o077) !== 0) wide.push(path)
        if (entry.isDirectory()) await walk(path)
      }
    }
    await chmod(net.home('alice'), 0o700)
    await walk(net.home('alice'))
    expect(wide).toEqual([])
  })

  test('the phrase is shown only where it is wanted, and brings the address back on an empty machine', async () => {
    const quiet = await net.run('frank', 'init', '--relay', net.relay, '--json')
    expect(quiet.err).not.toMatch(/([a-z]+ ){11,}/)
    expect(quiet.out).not.toMatch(/([a-z]+ ){11,}/)
    const file = join(net.root, 'phrase')
    const made = await net.run('gina', 'init', '--relay', net.relay, '--json', '--phrase-file', file, '--show-phrase')
    expect(made.err).toMatch(/([a-z]+ ){23}[a-z]+/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const back = await net.run('gina-again', 'restore', '--relay', net.relay, '--phrase-file', file, '--json')
    expect(back.code).toBe(0)
    expect(JSON.parse(back.out).data.address).toBe(JSON.parse(made.out).data.address)
    const wrong = await net.runWith(
      { input: 'these are not the words' },
      'hal',
      'restore',
      '--relay',
      net.relay,
      '--phrase-file',
      '-',
    )
    expect(wrong.code).toBe(4)
    expect((await net.run('hal', 'restore', '--relay', net.relay)).code).toBe(2)
  })
})
