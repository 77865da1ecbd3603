import { WebSocket } from 'ws'
import { FRAME_LIMIT } from '../../protocol/wire/frames.ts'
import type { WebSocketClass } from './socket.ts'

/** The WebSocket class for Node: refuses messages over the frame limit before it reads them, and does not compress. */
export const NodeWebSocket: WebSocketClass = class extends WebSocket {
  constructor(url: string) {
    super(url, { maxPayload: FRAME_LIMIT, perMessageDeflate: false, skipUTF8Validation: true })
  }
}
