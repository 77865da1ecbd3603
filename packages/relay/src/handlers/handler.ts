import type { Method, Params, Result } from '@dchat/sdk/wire'
import type { Link } from '../link/link.ts'

/** Answers a request. What is charged and queued is so before the first await, so a connection's writes keep their order. */
export type Handlers = { readonly [M in Method]: (params: Params<M>, link: Link) => Promise<Result<M>> }

/** Bytes of bodies in one answer, so that it fits into a frame with everything around them. */
export const ANSWER_BYTES = 512 * 1024
