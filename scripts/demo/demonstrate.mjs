import { once, setMaxListeners } from 'node:events'
import { shortAddress } from '../../packages/sdk/dist/index.js'
import { startGuide } from './guide.mjs'
import { printer } from './print.mjs'
import { guideFolder, startRelay } from './relay.mjs'
import { entryOf, searchDatabases } from './seen.mjs'
import { showAnswer, showJoin, shown, showPage, showPeople, showSeen, showWindow, showWritten } from './show.mjs'
import { createVisitor, exchange } from './visitor.mjs'

/** The relay's databases and what was written there of one message; fails if the text stands in any of them. */
const look = async (data, started, { text, sent }) => {
  const entry = await entryOf(started, sent)
  const searched = await searchDatabases(data, [Buffer.from(text), entry.body.subarray(0, 64)])
  const [readable, sealed] = searched.found
  if (readable) throw new Error('The text stands in a database: it is not encrypted.')
  if (!sealed) throw new Error('The search does not even find the encrypted body: it proves nothing.')
  return { entry, text, searched }
}

const visit = async (out, data, started, guide, signal) => {
  const { url } = started.relay
  const visitor = await createVisitor(url)
  try {
    const { address } = visitor
    showPeople(out, { url, folder: shown(started.folder), guide: guide.address, visitor: address })
    const { first, second } = await exchange(visitor, guide.address, signal)
    showWritten(out, first)
    showSeen(out, await look(data, started, first))
    showAnswer(out, first, second)
  } finally {
    await visitor.close()
  }
}

const stay = async (out, { data, appPorts }, relay, { invite }, broken, signal) => {
  const { openApp } = await import('./app.mjs')
  const onPage = (url) => showPage(out, url)
  const onWindow = () => showWindow(out)
  const onFailure = (error) => broken.abort(error)
  const app = await openApp({ data, ports: appPorts, relay, invite, onPage, onWindow, onFailure })
  try {
    showJoin(out, { url: relay, invite })
    if (!signal.aborted) await once(signal, 'abort')
    signal.throwIfAborted()
  } finally {
    await app.close()
  }
}

/** The whole demonstration: until it is over with `once`, else until the signal. */
export const demonstrate = async (options, stop) => {
  const { data, ports, once: ends } = options
  const out = printer(process.stdout, process.env)
  const broken = new AbortController()
  const signal = AbortSignal.any([stop, broken.signal])
  setMaxListeners(0, signal)
  const started = await startRelay({ data, ports })
  try {
    const { url } = started.relay
    let visited = false
    const guide = await startGuide({
      folder: guideFolder(data, url),
      relay: url,
      signal,
      onAnswer: (address) => {
        if (visited) out.note(`${new Date().toLocaleTimeString('sv')}  answered ${shortAddress(address)}`)
      },
      onFailure: (error) => broken.abort(error),
    })
    try {
      await visit(out, data, started, guide, signal)
      visited = true
      if (!ends) await stay(out, options, url, guide, broken, signal)
    } finally {
      await guide.close()
    }
  } finally {
    await started.relay.close()
  }
}
