import { newestKey } from '../../protocol/history/archive-key.ts'
import { slotOf } from '../../protocol/history/slots.ts'
import { decodePersonal, encodePersonal } from '../../protocol/messages/personal.ts'
import { hashOf } from '../../protocol/wire/cbor.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { mergeRegisters } from '../personal/receive.ts'
import { allRegisters } from '../personal/registers.ts'
import { chunksOf, toWire } from '../personal/send.ts'
import type { Told } from '../rooms/told.ts'
import { archiveKeys } from './archive-keys.ts'
import { keepRecord, openSlot } from './records.ts'
import { atEach, putSlot, slotsOfKind } from './slots.ts'

/** archive/registers: marks of the pieces that each home relay holds of this device. */
interface KeptRegisters {
  /** Writes of registers here that are in it, and the archive key. */
  readonly rows: number
  readonly key: string
  readonly at: Readonly<Record<RelayUrl, readonly string[]>>
}

const KEPT = 'registers'
const NOTHING = new Uint8Array()

/** Keeps what own devices share in the archive, each device its own copy: readers merge them (personal.md). */
export const keepRegisters = async (core: Core): Promise<void> => {
  const { store, self } = core
  const { kept, rows, key } = await store.read(async (tx) => {
    const keys = await archiveKeys(tx)
    return {
      kept: (await tx.get<KeptRegisters>('archive', KEPT)) ?? { rows: 0, key: '', at: {} },
      rows: (await tx.get<number>('meta', 'personal-rows')) ?? 0,
      key: toHex(newestKey(keys)?.id ?? NOTHING),
    }
  })
  const isThere = kept.rows === rows && kept.key === key && self.relays.every((relay) => kept.at[relay] !== undefined)
  if (rows === 0 || isThere) return
  const all = await store.read(allRegisters)
  const sorted = [...all].sort((a, b) => (`${a.kind}/${a.subject}` < `${b.kind}/${b.subject}` ? -1 : 1))
  const pieces = chunksOf(sorted.map(toWire)).map((registers) => encodePersonal({ type: 'set', registers }))
  const marks = pieces.map((piece) => toHex(hashOf('archive-registers', [key, piece]).subarray(0, 8)))
  const at: Record<RelayUrl, readonly string[]> = {}
  const slot = (part: number) => slotOf('registers', self.address, [self.device, part])
  const writing = atEach(core, async (relay) => {
    const held = kept.at[relay] ?? []
    for (const [part, piece] of pieces.entries())
      if (held[part] !== marks[part]) await keepRecord(core, relay, slot(part), piece)
    for (let part = pieces.length; part < held.length; part++) await putSlot(core, relay, slot(part), NOTHING)
    at[relay] = marks
  })
  await writing.catch(() => undefined)
  await store.write(async (tx) => {
    const key = toHex(newestKey(await archiveKeys(tx))?.id ?? NOTHING)
    tx.put('archive', { key: KEPT, value: { rows, key, at } satisfies KeptRegisters })
  })
  // A relay that is away is behind alone.
  await writing
}

/** Takes in what own devices keep at one home relay. */
export const readRegisters = async (
  core: Core,
  relay: RelayUrl,
  orDrop: (work: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> => {
  for await (const { slot, body } of slotsOfKind(core, relay, 'registers'))
    await orDrop(async () => {
      const personal = decodePersonal(await openSlot(core, slot, body))
      if (personal.type !== 'set') return
      const told: Told = { messages: [], events: [], acted: [], report: false }
      await core.store.write((tx) => mergeRegisters(tx, core, personal.registers, told))
      for (const message of told.messages) core.updates.emit(message)
      for (const event of told.events) core.events.emit(event)
    })
}
