import { isDchatError } from '../../errors.ts'
import { argon2idHere } from './argon2.ts'
import type { Argon2Job } from './argon2-job.ts'

/** What the worker answers: the hash, or why there is none; what it cannot name, the page tries itself. */
export type Argon2Reply =
  | { readonly hash: Uint8Array }
  | { readonly failed: 'out-of-memory' }
  | { readonly failed: 'unexpected' }

const port = globalThis as unknown as {
  onmessage: (event: { data: Argon2Job }) => void
  postMessage: (reply: Argon2Reply) => void
}

const answer = async (job: Argon2Job): Promise<Argon2Reply> => {
  try {
    return { hash: await argon2idHere(job) }
  } catch (error) {
    return { failed: isDchatError(error, 'crypto/out-of-memory') ? 'out-of-memory' : 'unexpected' }
  }
}

port.onmessage = ({ data }) => {
  void answer(data).then((reply) => port.postMessage(reply))
}
