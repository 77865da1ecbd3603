import { once } from 'node:events'
import { join } from 'node:path'
import { defineCommand } from '../../command/define.ts'

/** The same as of `dchat-relay`. */
const PORT = 7464

/** No profile can be called this. */
const FOLDER = '@relay'

export const relayServe = defineCommand({
  name: 'relay serve',
  description: 'Run a relay in the foreground; it stores and orders what it cannot read',
  args: {},
  options: {
    host: { type: 'text', placeholder: 'ADDRESS', description: 'Where to listen (default: 127.0.0.1)' },
    port: {
      type: 'whole',
      placeholder: 'N',
      min: 0,
      max: 65_535,
      description: `Port (default: ${PORT}; 0 takes a free one)`,
    },
    data: { type: 'text', placeholder: 'DIR', description: 'Where the relay keeps its database' },
  },
  example: 'dchat relay serve --port 7464',
  run: async ({ host = '127.0.0.1', port = PORT, data }, context) => {
    const { out, signal, globals } = context
    const { createRelay, pinoLog } = await import('@dchat/relay')
    const store = data ?? join(context.directories.data, FOLDER)
    const log = pinoLog(globals.verbose ? 'info' : 'warn')
    await using relay = await createRelay({ host, port, store, log })
    const { url } = relay
    const fields = { url, relay_key: Buffer.from(relay.relayKey).toString('hex'), data: store }
    await out.item('listening', fields, `The relay listens on ${url}; Ctrl-C ends it.`)
    if (!signal.aborted) await once(signal, 'abort')
  },
})
