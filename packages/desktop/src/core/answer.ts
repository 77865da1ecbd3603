import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { CALLS, type Call, type Gives, isCall, type Reply, type Takes } from './ipc.ts'

/** One function for each call of the contract. */
export type Handlers = { readonly [C in Call]: (params: Takes<C>) => Gives<C> | Promise<Gives<C>> }

const refuse = (error: DchatError): Reply => ({ ok: false, code: error.code, details: { ...error.details } })

const noCall = (reason: string): Reply => refuse(new DchatError('usage/invalid-argument', { name: 'call', reason }))

const failure = (error: unknown): Reply =>
  // What broke otherwise may name files and people: the page hears only that it did.
  isDchatError(error) ? refuse(error) : refuse(new DchatError('internal/unexpected', { what: 'the desktop program' }))

/** Answers the calls of a page: checks what they bring, and never rejects. */
export const answerWith =
  (handlers: Handlers) =>
  async (name: unknown, params: unknown): Promise<Reply> => {
    if (!isCall(name)) return noCall('there is no such call')
    const checked = CALLS[name].takes.safeParse(params)
    if (!checked.success) return noCall(`${name} does not take this`)
    try {
      // The table pairs each schema with its handler, which the compiler cannot follow through a name.
      const value = await (handlers[name] as (params: unknown) => unknown)(checked.data)
      return { ok: true, value }
    } catch (error) {
      return failure(error)
    }
  }
