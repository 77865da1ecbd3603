import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../lib/run.mjs'
import { start } from './process.mjs'

const RATE = { perSecond: 1e9, burst: 1e9 }
const RATES = ['connection', 'address', 'connects', 'topic', 'creates', 'logEntries']

/** No limit on what one machine may ask for: all clients of a benchmark are on one. */
const LIMITS = { ...Object.fromEntries(RATES.map((name) => [name, RATE])), connectionsPerAddress: 1_000_000 }

/**
 * The relay as an operator runs it, in a process of its own, over SQLite in a folder.
 * @param {{ folder?: string, port?: number, node?: readonly string[] }} [options] `folder` stays, another one goes
 */
export const startRelay = async ({ folder, port = 0, node = [] } = {}) => {
  const data = folder ?? mkdtempSync(join(tmpdir(), 'dchat-bench-relay-'))
  const config = join(data, 'relay.json')
  writeFileSync(config, JSON.stringify({ limits: LIMITS }))
  const server = start(process.execPath, [
    ...[...node, join(root, 'packages/relay/bin/dchat-relay.js')],
    ...['--data', data, '--config', config, '--port', String(port), '--log-level', 'silent'],
  ])
  const close = async () => {
    await server.close()
    if (folder === undefined) rmSync(data, { recursive: true, force: true })
  }
  try {
    const line = await server.until(() => /\{"url":.*\}/.exec(server.said())?.[0])
    const target = { kind: 'dchat', port: Number(new URL(JSON.parse(line).url).port) }
    /** The next one on the same data and port, after this one has ended. */
    const again = () => startRelay({ folder: data, port: target.port, node })
    return { ...server, target, again, close }
  } catch (error) {
    await close()
    throw error
  }
}
