import { afterEach, describe, expect, test } from 'vitest'
import { createPoster, type Poster, type PosterOptions } from '../../src/webhooks/post.ts'
import { checkTarget, type Resolve } from '../../src/webhooks/target.ts'
import { listen } from '../support/http.ts'

const resolved =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
const kept = <T extends { close(): Promise<void> }>(one: T): T => {
  open.push(one)
  return one
}

const post = (poster: Poster, url: string) =>
  poster.post(url, { headers: {}, body: Buffer.from('{}'), signal: AbortSignal.timeout(5000) })

const codeOf = async (url: string, options: PosterOptions = {}): Promise<unknown> => {
  const poster = kept(createPoster(options))
  return post(poster, url).then(
    ({ status }) => status,
    (error: { code?: string }) => error.code,
  )
}

describe('webhooks never go to', () => {
  test.each([
    ['127.0.0.1', 'https://127.0.0.1/'],
    ['localhost', 'https://localhost/'],
    ['::1', 'https://[::1]/'],
    ['::ffff:127.0.0.1', 'https://[::ffff:127.0.0.1]/'],
    ['0x7f000001', 'https://0x7f000001/'],
    ['2130706433', 'https://2130706433/'],
    ['169.254.169.254', 'https://169.254.169.254/latest/meta-data/'],
    ['a name that resolves to 10.1.2.3', 'https://intern.example/'],
    ['100.64.0.0/10', 'https://100.100.1.1/'],
    ['fd00::', 'https://[fd00::1]/'],
    ['file:', 'file:///etc/passwd'],
    ['userinfo', 'https://user:password@example.com/'],
    ['http', 'http://example.com/'],
    ['0.0.0.0', 'https://0.0.0.0/'],
    ['NAT64 of a private address', 'https://[64:ff9b::a01:203]/'],
    ['nothing that is an address', 'not an address'],
  ])('%s', async (name, url) => {
    const resolve = name.startsWith('a name') ? { resolve: resolved('10.1.2.3') } : {}
    expect(await codeOf(url, resolve)).toBe('webhook/forbidden-target')
  })

  test('a name with one private address among public ones', async () => {
    expect(await codeOf('https://both.example/', { resolve: resolved('93.184.215.14', '192.168.0.1') })).toBe(
      'webhook/forbidden-target',
    )
  })

  test('a name that was public when it was checked and is not when the connection is made', async () => {
    const server = kept(await listen())
    let asked = 0
    const resolve: Resolve = async () => {
      asked += 1
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const url = `https://rebinding.example:${server.port}/`
    expect(checkTarget(url).trusted).toBe(false)
    expect(await codeOf(url, { resolve })).toBe('webhook/forbidden-target')
    expect(asked).toBe(1)
    expect(server.received).toEqual([])
  })

  test('where a redirect points', async () => {
    const hidden = kept(await listen())
    const open = kept(
      await listen((_, response) => response.writeHead(302, { location: `http://${hidden.host}/` }).end()),
    )
    expect(await codeOf(open.url, { allowPrivateTargets: [open.host] })).toBe(302)
    expect(hidden.received).toEqual([])
  })
})

test('what the operator names is reached, and only with that port', async () => {
  const server = kept(await listen())
  expect(await codeOf(server.url, { allowPrivateTargets: [server.host] })).toBe(200)
  expect(await codeOf(server.url, { allowPrivateTargets: ['127.0.0.1:1'] })).toBe('webhook/forbidden-target')
  expect(await codeOf(`http://u@${server.host}/`, { allowPrivateTargets: [server.host] })).toBe(
    'webhook/forbidden-target',
  )
})

test.each([
  [65_536, 65_536],
  [65_537, undefined],
])('of an answer of %d bytes %s are read', async (size, read) => {
  const server = kept(await listen((_, response) => response.end(Buffer.alloc(size))))
  const poster = kept(createPoster({ allowPrivateTargets: [server.host] }))
  expect((await post(poster, server.url)).body?.length).toBe(read)
})
