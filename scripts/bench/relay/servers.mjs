import { ejabberd } from '../peers/ejabberd.mjs'
import { prosody } from '../peers/prosody.mjs'
import { needLinux } from './process.mjs'
import { startRelay } from './server.mjs'

const open = async (options) => {
  needLinux()
  return startRelay(options)
}

/** The relay and what it is measured beside, each in a process of its own with its data on this disk. */
export const SERVERS = [
  { name: 'dchat', open: () => open() },
  { ...ejabberd, name: 'ejabberd' },
  { ...prosody, name: 'Prosody' },
]

/**
 * The peers and parts of a suite: `cases` of each server. What a case opens it adds to `opened`, to be closed in the end.
 * @param {(server: typeof SERVERS[number], size: 'full' | 'quick', opened: { close(): Promise<void> }[]) => Promise<readonly import('../runner.mjs').Case[]>} cases
 */
export const besides = (cases) => {
  const [ours, ...others] = SERVERS.map((server) => {
    const opened = []
    return {
      name: server.name,
      open: (size) => cases(server, size, opened),
      close: async () => {
        for (const { close } of opened.splice(0).reverse()) await close()
      },
    }
  })
  return { parts: [ours], peers: others }
}
