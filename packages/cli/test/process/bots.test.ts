import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { jsonLines, type Running, start } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })
const PROGRAM = fileURLToPath(new URL('../support/webhook-program.mjs', import.meta.url))

const started: Running[] = []
const folders: string[] = []
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL')
  await Promise.all(started.splice(0).map(({ ended }) => ended))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const keep = (running: Running): Running => {
  started.push(running)
  return running
}

/** A bot in a folder of its own. */
const bot = async () => {
  const folder = mkdtempSync(join(net.root, 'bot-'))
  folders.push(folder)
  const secret = join(folder, 'bot.secret')
  const begin = (...argv: string[]) => keep(start(net.home('author'), ['bot', ...argv], { cwd: folder }))
  const run = (...argv: string[]) => net.run('author', 'bot', ...argv, '--json')
  const data = async (...argv: string[]) => {
    const { code, out, err } = await run(...argv)
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
    return JSON.parse(out).data
  }
  /** A command about this bot. */
  const its = (...argv: string[]) => data(...argv, '--secret-file', secret)
  const { address } = await data('init', folder, '--relay', net.relay)
  return { folder, secret, begin, run, data, its, address: address as string }
}

/** Lines of JSON up to one of this type. */
const lineOf = async ({ line }: Running, type: string): Promise<Record<string, unknown>> => {
  for (let text = await line(); text !== undefined; text = await line()) {
    const found = JSON.parse(text)
    if (found.type === type) return found
  }
  throw new Error(`it ended before "${type}"`)
}

/** What a person hears from others, one text after the other. */
const hearing = (name: string) => {
  const listening = keep(net.start(name, 'listen', '--json', '--type', 'message'))
  return async (): Promise<string> => {
    for (;;) {
      const { own, text } = await lineOf(listening, 'message')
      if (own === false) return String(text)
    }
  }
}

const stopped = async ({ child, ended }: Running): Promise<number | null> => {
  child.kill('SIGTERM')
  return (await ended).code
}

const say = async (name: string, to: string, text: string): Promise<void> => {
  expect(await net.run(name, 'send', to, text)).toMatchObject({ code: 0 })
}

test('init writes a bot and its secret, for its owner only, and overwrites nothing', async () => {
  const { folder, begin, data, address } = await bot()
  const ran = (...argv: string[]) => begin('run', ...argv, '--json').ended
  if (process.platform !== 'win32') expect(statSync(join(folder, 'bot.secret')).mode & 0o777).toBe(0o600)
  expect((await readFile(join(folder, '.gitignore'), 'utf8')).split('\n')).toContain('bot.secret')
  await writeFile(join(folder, 'bot.js'), '// mine')
  await rm(join(folder, 'README.md'))
  const again = await data('init', folder, '--relay', net.relay)
  expect(again).toMatchObject({ address, written: ['README.md'] })
  expect(again.kept).toEqual(['.gitignore', 'package.json', 'bot.js', 'bot.secret'])
  expect(await readFile(join(folder, 'bot.js'), 'utf8')).toBe('// mine')
  // A module without a bot, a broken one, none.
  expect(await ran()).toMatchObject({ code: 2, err: expect.stringContaining('exports no bot') })
  await writeFile(join(folder, 'bot.js'), 'export const bot = ')
  expect(await ran()).toMatchObject({ code: 2, err: expect.stringContaining('SyntaxError') })
  await rm(join(folder, 'bot.js'))
  expect(await ran()).toMatchObject({ code: 2, err: expect.stringContaining('no webhooks') })
  expect(await ran('elsewhere.js')).toMatchObject({ code: 2 })
})

test('a program behind a webhook gets what was said, answers, changes its key, and gets again what it gave up', async () => {
  const { folder, secret, begin, run, its } = await bot()
  await rm(join(folder, 'bot.js'))
  const secrets = ['shop.secret', 'shop.next'].map((name) => join(folder, name))
  const program = keep(start(folder, secrets, { bin: PROGRAM }))
  const url = `http://127.0.0.1:${await program.line()}/dchat`
  expect(await run('webhook', 'add', 'shop', url, '--secret-file', secret)).toMatchObject({
    code: 2,
    err: expect.stringContaining('webhook/forbidden-target'),
  })
  const added = await its('webhook', 'add', 'shop', url, '--allow-private', '--out', secrets[0] as string)
  expect(added).toMatchObject({ name: 'shop', state: 'untested', keys: [{ kind: 'v1' }, { kind: 'v1a' }] })
  const shared = await readFile(secrets[0] as string, 'utf8')
  expect(await its('webhook', 'test', 'shop')).toMatchObject({ state: 'active' })

  const gateway = begin('run', '--relay', net.relay, '--json')
  const invite = String((await lineOf(gateway, 'ready')).invite)
  await net.init('ann')
  const hear = hearing('ann')
  await say('ann', invite, 'lunch?')
  expect(await hear()).toBe('You said lunch?')

  await its('webhook', 'rotate', 'shop', '--out', secrets[1] as string)
  // The bot at work takes the new key up; for a day both sign.
  const signed = async (): Promise<string> => {
    await say('ann', invite, 'and dinner?')
    expect(await hear()).toBe('You said and dinner?')
    for (let line = await program.line(); ; line = await program.line())
      if (line === undefined || line.startsWith('message.created')) return String(line)
  }
  expect(await signed()).toMatch(/^message\.created shop\.secret/)
  while ((await signed()) !== 'message.created shop.secret shop.next');

  await say('ann', invite, 'poison')
  expect(await lineOf(gateway, 'problem')).toMatchObject({ kind: 'delivery.dead', webhook: 'shop' })
  const [letter] = jsonLines((await run('dead-letters', 'list', '--content', '--secret-file', secret)).out)
  expect(letter).toMatchObject({ type: 'dead-letter', webhook: 'shop', status: 500, attempts: 1 })
  expect(letter?.event).toMatchObject({ data: { message: { text: 'poison' } } })
  program.child.kill('SIGUSR2')
  for (let line = await program.line(); line !== 'healed'; line = await program.line()) expect(line).toBeDefined()
  expect(await its('dead-letters', 'replay', 'shop', String(letter?.event_id))).toEqual({
    webhook: 'shop',
    replayed: 1,
  })
  expect(await hear()).toBe('You said poison')

  const listed = await run('webhook', 'list', '--secret-file', secret)
  expect(jsonLines(listed.out)[0]).toMatchObject({ name: 'shop', state: 'active', private: true, failures: 0 })
  expect(listed.out).not.toContain(shared.trim().slice('whsec_'.length))
  expect(await its('webhook', 'remove', 'shop')).toEqual({ name: 'shop', removed: true })
  expect(await stopped(gateway)).toBe(143)
}, 240_000)

test('dev starts the bot anew at each change, and what was said in between is answered', async () => {
  const { folder, begin } = await bot()
  const source = await readFile(join(folder, 'bot.js'), 'utf8')
  const saying = (what: string) =>
    writeFile(join(folder, 'bot.js'), source.replace('ctx.reply(ctx.text)', `ctx.reply('${what} ' + ctx.text)`))
  await saying('one')
  const dev = begin('dev', '--json')
  const invite = String((await lineOf(dev, 'ready')).invite)
  await net.init('bea')
  const hear = hearing('bea')
  await say('bea', invite, 'a')
  expect(await hear()).toBe('one a')
  expect(await lineOf(dev, 'event')).toMatchObject({
    event: { type: 'message.created', data: { message: { text: 'a' } } },
  })
  expect(await lineOf(dev, 'handled')).toMatchObject({ ms: expect.any(Number) })

  // Broken while somebody writes: the event waits.
  await writeFile(join(folder, 'bot.js'), 'export const bot = ')
  expect(await lineOf(dev, 'ended')).toMatchObject({ code: 2 })
  await say('bea', invite, 'b')
  await saying('two')
  await lineOf(dev, 'ready')
  expect(await hear()).toBe('two b')
  expect(await stopped(dev)).toBe(143)
}, 240_000)

test('a bot may be a profile; other commands of the profile work beside it', async () => {
  const { folder, begin } = await bot()
  await net.init('carl')
  const { link } = await net.init('author')
  const running = begin('run', '--profile', 'default', '--json')
  expect(await lineOf(running, 'ready')).toMatchObject({ invite: link })
  const hear = hearing('carl')
  await say('carl', link, 'hello')
  expect(await hear()).toBe('hello')
  const { out } = await net.run('author', 'chats', '--json')
  expect(jsonLines(out)[0]).toMatchObject({ type: 'chat' })
  expect(await stopped(running)).toBe(143)
  expect(folder).not.toBe('')
}, 240_000)

test('a sample for another language is signed as webhooks are', async () => {
  const { folder, data, run } = await bot()
  const body = '{"type":"message.created","data":{"event_id":"evt_1"}}'
  await writeFile(join(folder, 'event.json'), body)
  const { verifyWebhook } = await import('@dchat/bot-kit')
  const { headers, secret, public_key: publicKey, body: base64 } = await data('sign-test', join(folder, 'event.json'))
  expect(Buffer.from(base64, 'base64').toString()).toBe(body)
  for (const key of [secret, publicKey]) expect(verifyWebhook(body, headers, [key])).toMatchObject({ id: 'evt_1' })
  await writeFile(join(folder, 'key'), `${secret}\n`)
  const at = '2026-11-21T02:00:00Z'
  const again = await run('sign-test', join(folder, 'event.json'), '--key-file', join(folder, 'key'), '--at', at)
  expect(again.out).not.toContain(secret)
  const signed = JSON.parse(again.out).data
  expect(verifyWebhook(body, signed.headers, [secret], { now: Date.parse(at) })).toEqual({
    id: 'evt_1',
    at: Date.parse(at),
  })
  expect(await run('sign-test', join(folder, 'event.json'), '--at', 'noon')).toMatchObject({ code: 2 })
})
