import type { Abortable } from '../../util/abort.ts'
import type { Messages } from '../client.ts'
import type { Desk } from './desk.ts'
import { plain } from './plain.ts'
import { arrivalStream, liveStream } from './streams.ts'

/** What is sent carries a key of its own, so that asking the next owner again makes nothing twice. */
export const sharedMessages = (desk: Desk, key: () => string): Messages => {
  const keyed = <T extends Abortable & { readonly clientId?: string }>(options: T | undefined) => {
    const { clientId = key(), ...rest } = options ?? ({} as T)
    return plain({ ...rest, clientId })
  }
  return {
    react: (id, emoji, options) => desk.call('messages.react', [id, emoji, keyed(options)], options),
    unreact: (id, emoji, options) => desk.call('messages.unreact', [id, emoji, keyed(options)], options),
    edit: (id, content, options) => desk.call('messages.edit', [id, content, keyed(options)], options),
    delete: (id, options) => desk.call('messages.delete', [id, keyed(options)], options),
    forward: (id, to, options) => desk.call('messages.forward', [id, to, keyed(options)], options),
    pin: (id, options) => desk.call('messages.pin', [id, plain(options)], options),
    unpin: (id, options) => desk.call('messages.unpin', [id, plain(options)], options),
    pinned: (conversation) => desk.call('messages.pinned', [conversation]),
    pending: (conversation) => desk.call('messages.pending', [conversation]),
    changes: (options = {}) => liveStream(desk, 'messages.changes', [plain(options)], options),
    get: (id) => desk.call('messages.get', [id]),
    list: (conversation, options = {}) => desk.call('messages.list', [conversation, options]),
    send: (conversation, content, options) =>
      desk.call('messages.send', [conversation, content, keyed(options)], options),
    retry: (id) => desk.call('messages.retry', [id]),
    waitFor: (id, state, options) => desk.call('messages.waitFor', [id, state, plain(options)], options),
    stream: (options = {}) => arrivalStream(desk, 'messages.stream', options),
    arrivals: (options = {}) => arrivalStream(desk, 'messages.arrivals', options),
    press: (id, callback, options) => desk.call('messages.press', [id, callback, keyed(options)], options),
    answerPress: (press, answer = {}, options) =>
      desk.call('messages.answerPress', [press, answer, keyed(options)], options),
    ack: (cursor, options = {}) => desk.call('messages.ack', [cursor, options]),
    cursor: () => desk.call('messages.cursor', []),
    states: (options = {}) => liveStream(desk, 'messages.states', [], options),
  }
}
