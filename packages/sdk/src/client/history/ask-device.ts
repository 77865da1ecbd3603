import { encodeHistoryAsk, PLACES_LIMIT } from '../../protocol/history/transfer.ts'
import { ASK_LENGTH } from '../../protocol/messages/personal.ts'
import type { Core } from '../core.ts'
import { putPersonal, selfRoom } from '../personal/send.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { getHistory, putHistory } from './note.ts'
import { chainsRead } from './read-history.ts'

/** ms until a room of the own devices is looked for again. */
const LATER = 15_000
/** ms until somebody else is asked, where one that gave falls silent. */
const SILENT = 60_000
/** ms until it is asked again where nobody has answered: what was asked stands in the room, and who comes back reads it. */
const REPEAT = 6 * 3_600_000

/** Asks the other own devices for the next piece of the past; the piece brings the next question. */
export const askDevice = async (core: Core, rooms: Rooms): Promise<void | { readonly again: number }> => {
  const { store, crypto } = core
  const room = await store.read(selfRoom)
  const session = room === undefined ? undefined : rooms.get(room)
  const again = await store.write(async (tx) => {
    const record = await getHistory(tx)
    if (record?.device !== 'waiting' && record?.device !== 'receiving') return undefined
    // The archive gives it without anybody's help; what it gave is not asked for.
    if (record.archive !== 'done' || !session?.isMember) return LATER
    const id = crypto.random(ASK_LENGTH)
    const { giver, cursor, given = 0, ask, until, places = {} } = record
    // Unanswered: whoever is there may begin anew; what is known is passed over.
    const isSilent = ask !== undefined && giver !== undefined
    const next = cursor ?? (until === undefined ? undefined : Number.MAX_SAFE_INTEGER)
    const isOn = giver !== undefined && next !== undefined && !isSilent
    const from = isOn ? { from: { giver, cursor: next }, ...(until === undefined ? {} : { until }) } : {}
    const history = encodeHistoryAsk({
      ...from,
      taken: isSilent ? 0 : given,
      chains: await chainsRead(tx),
      // Who gave before had read that far then.
      places: isOn && cursor !== undefined ? {} : Object.fromEntries(Object.entries(places).slice(-PLACES_LIMIT)),
    })
    await putPersonal(tx, core, { type: 'ask', id, state: false, history })
    await putHistory(tx, isSilent ? { ask: id, device: 'waiting', given: 0 } : { ask: id })
    return record.device === 'receiving' ? SILENT : REPEAT
  })
  session?.outgoing.open()
  return again === undefined ? undefined : { again }
}
