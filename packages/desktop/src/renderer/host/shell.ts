import { DchatError, ERRORS, type ErrorCode, type ErrorCodes } from '@dchat/sdk'
import { SHELL, type Shell } from '../../core/channels.ts'
import {
  CALLS,
  type Call,
  EVENTS,
  type Event,
  type Gives,
  isEvent,
  reply,
  type Takes,
  type Tells,
} from '../../core/ipc.ts'

/** What the desktop program left in this page, if it is around it. */
export const shellOf = (page: object): Shell | undefined => (page as { readonly [SHELL]?: Shell })[SHELL]

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

const unexpected = (): DchatError => new DchatError('internal/unexpected', { what: 'an answer of the desktop program' })

/** Calls the desktop program. Throws the error that it answers with. */
export const callTo =
  (shell: Shell) =>
  async <C extends Call>(name: C, params: Takes<C>): Promise<Gives<C>> => {
    const answer = reply.safeParse(await shell.call(name, params))
    if (!answer.success) throw unexpected()
    if (!answer.data.ok) {
      const { code, details } = answer.data
      // The program makes its errors of the same table, code by code.
      throw isCode(code) ? new DchatError(code, details as unknown as ErrorCodes[ErrorCode]) : unexpected()
    }
    const value = CALLS[name].gives.safeParse(answer.data.value)
    if (!value.success) throw unexpected()
    return value.data as Gives<C>
  }

/** Hears one kind of event. Returns how to stop listening. */
export const hear = <E extends Event>(shell: Shell, event: E, listener: (value: Tells<E>) => void): (() => void) =>
  shell.listen((name, value) => {
    if (!isEvent(name) || name !== event) return
    const told = EVENTS[event].safeParse(value)
    if (told.success) listener(told.data as Tells<E>)
  })
