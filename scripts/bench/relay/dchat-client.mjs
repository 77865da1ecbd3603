import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../lib/run.mjs'
import { maskedFrame, openRawWebSocket } from './raw-websocket.mjs'

const { decodeFrame, encodeFrame, FRAME_TYPES, linkProofBytes, topicIdOf, WIRE_VERSIONS } = await import(
  pathToFileURL(join(root, 'packages/sdk/dist/wire.js')).href
)

const PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 key pair; what signs for the protocol here is Node's. */
export const newKey = (seed = randomBytes(32)) => {
  const secret = createPrivateKey({ key: Buffer.concat([PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = new Uint8Array(createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(12))
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, secret)) }
}

/** A topic that does not exist yet, as its members know it. */
export const newTopic = (key = newKey()) => {
  const nonce = new Uint8Array(randomBytes(16))
  return { id: topicIdOf(key.publicKey, nonce), key, create: { nonce, key: key.publicKey, epoch: 0 } }
}

/** Ids of four bytes from here on: frames of one kind have one length. */
const FIRST_ID = 0x10000

/** A greeted link: requests, and frames that somebody else looks at. */
export const connectDchat = async (port) => {
  const socket = await openRawWebSocket(port)
  const waiting = new Map()
  let nextId = FIRST_ID
  let greet
  const welcomed = new Promise((resolve) => {
    greet = resolve
  })
  const link = {
    socket,
    welcome: undefined,
    ended: socket.ended,
    /** True if a frame was taken: what the hot path knows is not decoded. */
    look: () => false,
    onFrame: () => undefined,
    takeId: () => {
      nextId += 1
      return nextId
    },
    request: (method, params) => {
      const id = link.takeId()
      const answer = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
      socket.send(encodeFrame({ type: 'request', id, method, params }))
      return answer
    },
    send: (frame) => socket.send(encodeFrame(frame)),
    prove: (kind, subject, key) => {
      const { relayKey, challenge } = link.welcome
      const signature = key.sign(linkProofBytes(relayKey, challenge, kind, subject))
      return link.request('link.prove', { kind, subject, publicKey: key.publicKey, signature })
    },
    close: () => socket.close(),
  }
  socket.onMessage = (payload) => {
    if (link.look(payload)) return
    const frame = decodeFrame(payload)
    if (frame.type === 'welcome') greet(frame)
    else if (frame.type === 'ping') link.send({ type: 'pong', nonce: frame.nonce })
    else if (frame.type === 'result' && waiting.has(frame.id)) {
      waiting.get(frame.id).resolve(frame.result)
      waiting.delete(frame.id)
    } else if (frame.type === 'error') {
      const error = new Error(`the relay answered ${frame.code} ${JSON.stringify(frame.details)}`)
      if (!waiting.has(frame.id)) throw error
      waiting.get(frame.id).reject(error)
      waiting.delete(frame.id)
    } else link.onFrame(frame)
  }
  const gone = socket.ended.then(() => {
    const error = new Error('the link ended')
    for (const { reject } of waiting.values()) reject(error)
    throw error
  })
  gone.catch(() => undefined)
  link.send({ type: 'hello', versions: WIRE_VERSIONS, agent: 'bench', nonce: new Uint8Array(randomBytes(32)) })
  link.welcome = await Promise.race([welcomed, gone])
  return link
}

/** How many items go before credit is given back, and how many may be under way. */
const CREDIT = 128
const WINDOW = 256

/** One sender and one receiver of a topic of their own. A message counts when its receipt and its item arrived. */
export const dchatPair = async (port, stampOf) => {
  const [sender, receiver] = await Promise.all([connectDchat(port), connectDchat(port)])
  const topic = newTopic()
  await Promise.all([sender.prove('topic', topic.id, topic.key), receiver.prove('topic', topic.id, topic.key)])
  await sender.request('topic.publish', { topic: topic.id, create: topic.create, entries: [] })
  const subscription = receiver.takeId()
  receiver.send({
    type: 'subscribe',
    id: subscription,
    name: 'topic',
    params: { topic: topic.id, after: 0 },
    credit: WINDOW,
  })
  let owed = 0
  const pair = { arrived: () => undefined, receipts: 0 }
  receiver.look = (payload) => {
    if (payload[1] !== FRAME_TYPES.item) return false
    owed += 1
    if (owed === CREDIT) {
      receiver.send({ type: 'credit', id: subscription, credit: owed })
      owed = 0
    }
    pair.arrived(stampOf(payload))
    return true
  }
  sender.look = (payload) => {
    if (payload[1] !== FRAME_TYPES.result) return false
    pair.receipts += 1
    return true
  }
  const reference = Buffer.from('REFERENCE REFERE')
  /** The frame of a message; what differs from one to the next is written into it. */
  const templateOf = (body) => {
    const frame = maskedFrame(
      encodeFrame({
        type: 'request',
        id: FIRST_ID,
        method: 'topic.publish',
        params: { topic: topic.id, entries: [{ kind: 'application', epoch: 0, reference, body }] },
      }),
    )
    // After the WebSocket's head of 8 bytes: list, type, and the head of a number of four bytes.
    return { frame, id: 11, reference: frame.indexOf(reference), body: frame.indexOf(body) }
  }
  let template
  let number = 0
  pair.send = (body) => {
    template ??= templateOf(body)
    const frame = Buffer.from(template.frame)
    frame.writeUInt32BE(sender.takeId(), template.id)
    number += 1
    frame.writeDoubleBE(number, template.reference)
    frame.set(body, template.body)
    sender.socket.sendFrame(frame)
  }
  pair.close = () => {
    sender.close()
    receiver.close()
  }
  return pair
}

/** Keys of devices that have gone: who comes back has its key. */
const spare = []

/** What a person's device keeps open all day: a link that has shown its key and listens to its inbox. */
export const dchatIdle = async (port) => {
  const link = await connectDchat(port)
  const key = spare.pop() ?? newKey()
  link.ended.then(() => spare.push(key))
  await link.prove('device', key.publicKey, key)
  link.send({
    type: 'subscribe',
    id: link.takeId(),
    name: 'inbox',
    params: { device: key.publicKey, after: 0 },
    credit: WINDOW,
  })
  await link.request('inbox.head', { device: key.publicKey })
  return link
}
