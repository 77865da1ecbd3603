import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { bodyOf, json } from '../../src/incoming/request.ts'
import { type Served, serve } from '../../src/incoming/serve.ts'

let served: Served | undefined
afterEach(() => served?.close())

test('a server is for this machine unless it is told otherwise, and hands requests over whole', async () => {
  served = await serve(
    async (one) =>
      json(201, {
        method: one.method,
        path: new URL(one.url).pathname,
        body: await bodyOf(one),
        key: one.headers.get('x-key'),
      }),
    { port: 0 },
  )
  expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const response = await fetch(`${served.url}/a/b?c=d`, { method: 'POST', body: 'Grüße', headers: { 'x-key': 'k' } })
  expect([response.status, await response.json()]).toEqual([
    201,
    { method: 'POST', path: '/a/b', body: 'Grüße', key: 'k' },
  ])
})

test('a handler that rejects is an error that somebody is told, and an answer all the same', async () => {
  const errors: unknown[] = []
  const broken = new Error('broken')
  served = await serve(() => Promise.reject(broken), { port: 0, onError: (error) => errors.push(error) })
  expect((await fetch(served.url)).status).toBe(500)
  expect(errors).toEqual([broken])
})

test('who sends too much gets an answer before it has sent everything', async () => {
  served = await serve(
    async (one) => {
      const body = await bodyOf(one).catch(() => undefined)
      return new Response(null, { status: body === undefined ? 413 : 200 })
    },
    { port: 0 },
  )
  const status = await new Promise((resolve) => {
    const sending = request(served?.url as string, { method: 'POST' }, ({ statusCode }) => resolve(statusCode))
    sending.on('error', () => undefined)
    sending.write(Buffer.alloc(100_000))
  })
  expect(status).toBe(413)
})

test('a port in use is an error', async () => {
  served = await serve(async () => new Response(), { port: 0 })
  const { port } = new URL(served.url)
  await expect(serve(async () => new Response(), { port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
