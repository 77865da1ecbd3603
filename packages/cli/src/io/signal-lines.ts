import type { SignalView } from '../methods/signal-types.ts'
import type { Style } from './text.ts'
import { localTime, oneLine, shortened } from './text.ts'

type Line = readonly [type: string, fields: object, text: string]

const called = ({ from, name }: { readonly from: string; readonly name?: string }, style: Style): string =>
  style.bold(name === undefined ? shortened(from) : oneLine(name))

/** The type and fields of a signal's line, and what people see of it. */
export const signalLine = (signal: SignalView, style: Style): Line => {
  const { type, ...fields } = signal
  switch (signal.type) {
    case 'typing':
      return [type, fields, style.dim(`… ${called(signal, style)} ${signal.typing ? 'is typing' : 'stopped typing'}`)]
    case 'presence': {
      const { lastSeen, online, ...who } = signal
      const { type: _, ...rest } = who
      const seen = lastSeen === undefined ? {} : { last_seen: new Date(lastSeen).toISOString() }
      const when = lastSeen === undefined ? '' : `, seen ${localTime(lastSeen)}`
      return [
        type,
        { ...rest, online, ...seen },
        `${online ? '+' : '-'} ${called(who, style)} is ${online ? 'online' : `offline${when}`}`,
      ]
    }
    case 'notification': {
      const { kind, title = '', preview, chat } = signal
      const what =
        kind === 'request'
          ? `${oneLine(title)} wants to write to you\t${chat}`
          : `${oneLine(title)}: ${oneLine(preview ?? '')}`
      return [type, fields, kind === 'cleared' ? '' : `! ${what}`]
    }
  }
}
