import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'

const HEADER = 8
const MASK = 4

/** A binary frame of a client. Its mask is zero, which spares the generator the work and costs the relay the same. */
export const maskedFrame = (payload) => {
  const { length } = payload
  const wide = length > 0xffff ? 8 : length > 125 ? 2 : 0
  const frame = Buffer.alloc(2 + wide + MASK + length)
  frame[0] = 0x82
  frame[1] = 0x80 | (wide === 8 ? 127 : wide === 2 ? 126 : length)
  if (wide === 2) frame.writeUInt16BE(length, 2)
  if (wide === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.set(payload, 2 + wide + MASK)
  return frame
}

/** Calls `message` with every whole payload in the bytes; resolves what is left. */
const takeFrames = (bytes, message) => {
  let at = 0
  while (bytes.length - at >= 2) {
    let head = 2
    let length = bytes[at + 1] & 127
    if (length === 126) {
      if (bytes.length - at < 4) break
      length = bytes.readUInt16BE(at + 2)
      head = 4
    } else if (length === 127) {
      if (bytes.length - at < 2 + HEADER) break
      length = Number(bytes.readBigUInt64BE(at + 2))
      head = 2 + HEADER
    }
    if (bytes.length - at < head + length) break
    if ((bytes[at] & 15) === 2) message(bytes.subarray(at + head, at + head + length))
    at += head + length
  }
  return at === 0 ? bytes : bytes.subarray(at)
}

/**
 * A WebSocket of the least work, so that a generator has processor time for thousands of them.
 * @param {number} port
 * @returns {Promise<{ send(payload: Uint8Array): void, sendFrame(frame: Uint8Array): void, onMessage: (payload: Buffer) => void, ended: Promise<void>, close(): void }>}
 */
export const openRawWebSocket = async (port) => {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  const web = {
    send: (payload) => socket.write(maskedFrame(payload)),
    sendFrame: (frame) => socket.write(frame),
    onMessage: () => undefined,
    ended: new Promise((resolve) => socket.once('close', () => resolve())),
    close: () => socket.destroy(),
  }
  let rest = Buffer.alloc(0)
  await new Promise((resolve, reject) => {
    let open = false
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('the relay closed the connection')))
    socket.on('data', (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      if (!open) {
        const end = rest.indexOf('\r\n\r\n')
        if (end < 0) return
        const answer = rest.toString('latin1', 0, end)
        if (!answer.startsWith('HTTP/1.1 101')) return reject(new Error(answer.split('\r\n')[0]))
        open = true
        rest = rest.subarray(end + 4)
        resolve()
      }
      rest = takeFrames(rest, (payload) => web.onMessage(payload))
    })
  })
  return web
}
