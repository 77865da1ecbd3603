import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { pagesOf } from '../../packages/desktop/dist/main/pages.js'

const FOLDER = fileURLToPath(new URL('../../packages/desktop/dist/renderer', import.meta.url))

/** Listens at the first free one of `ports`; 0 is any. */
const listen = async (server, ports) => {
  for (const port of ports) {
    server.listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      return server.address().port
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || port === ports.at(-1)) throw error
    }
  }
}

/**
 * The app's page on loopback: its own files, and what to suggest to a newcomer. Pages of other sites cannot read it, by
 * whatever name they call this machine.
 */
export const servePage = async ({ suggestions, ports }) => {
  const answer = pagesOf(FOLDER, { 'suggestions.json': suggestions })
  let hosts = []
  const respond = async ({ method, url, headers }, response) => {
    const known = hosts.includes(headers.host) && URL.canParse(url, 'http://page')
    const path = known ? new URL(url, 'http://page').pathname : '/.'
    const page = await answer(method, path)
    response.writeHead(page.status, page.headers)
    response.end(method === 'HEAD' ? undefined : page.body)
  }
  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy())
  })
  const port = await listen(server, ports)
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const close = async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${port}/`, close }
}
