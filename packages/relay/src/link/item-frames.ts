import { type CborValue, encodeCbor, encodeFrame, FRAME_LIMIT, FRAME_TYPES } from '@dchat/sdk/wire'

/** What stands before the item in its frame. */
const headOf = (id: number): Uint8Array => encodeCbor([FRAME_TYPES.item, id, null]).subarray(0, -1)

/**
 * Frames of items, the same bytes as `encodeFrame`. A new entry goes to all subscribers one after the other, and encoding
 * costs several times what copying does: so the last frame is kept, and the next subscriber of the same item (the same
 * object, which nobody changes) gets a copy under its own id.
 */
export class ItemFrames {
  #last: { readonly item: object; readonly id: number; readonly frame: Uint8Array } | undefined

  /** Throws `protocol/too-large` for a frame that does not fit. */
  encode(id: number, item: object): Uint8Array {
    const last = this.#last
    if (last?.item === item) {
      const head = headOf(id)
      const body = last.frame.subarray(headOf(last.id).length)
      // A longer id can reach beyond the limit: the encoder refuses it then.
      if (head.length + body.length <= FRAME_LIMIT) {
        const frame = new Uint8Array(head.length + body.length)
        frame.set(head)
        frame.set(body, head.length)
        return frame
      }
    }
    const frame = encodeFrame({ type: 'item', id, item: item as CborValue })
    this.#last = { item, id, frame }
    return frame
  }
}
