/** Bytes of UTF-8 that a draft has at most: those of all own devices at once fit into one message. */
export const DRAFT_BYTES = 32 * 1024
