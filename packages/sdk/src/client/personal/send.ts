import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { encodePersonal, type Personal, registerSize, type WireRegister } from '../../protocol/messages/personal.ts'
import type { CborValue } from '../../protocol/wire/cbor.ts'
import type { Core } from '../core.ts'
import { putControlIntent } from '../intents.ts'
import { type RegisterRecord, SELF_ROOM } from './registers.ts'

/** meta/self-room */
export interface SelfRoomRecord {
  readonly room: string
}

/** The registers that go into one message: bytes, and how many. */
const CHUNK_BYTES = 48 * 1024
const CHUNK = 1_024

/** The self-conversation that this device follows: hex of its group id. */
export const selfRoom = async (tx: StoreReader): Promise<string | undefined> =>
  (await tx.get<SelfRoomRecord>('meta', SELF_ROOM))?.room

/**
 * Queues something for the other own devices, durably; false where there is no self-conversation. The room's `outgoing`
 * is to be opened when the transaction has committed.
 */
export const putPersonal = async (tx: StoreWriter, core: Core, personal: Personal): Promise<boolean> => {
  const room = await selfRoom(tx)
  if (room === undefined) return false
  await putControlIntent(tx, core, room, { kind: 'personal', personal: encodePersonal(personal) })
  return true
}

export const toWire = ({ kind, subject, register }: RegisterRecord): WireRegister => ({
  kind,
  subject,
  tag: register.tag,
  value: register.value as CborValue | undefined,
})

/** The registers in pieces that fit into a message each. */
export const chunksOf = (registers: readonly WireRegister[]): readonly (readonly WireRegister[])[] => {
  const chunks: WireRegister[][] = []
  let room = 0
  for (const register of registers) {
    const size = registerSize(register)
    const last = chunks[chunks.length - 1]
    if (last === undefined || size > room || last.length >= CHUNK) {
      chunks.push([register])
      room = CHUNK_BYTES - size
    } else {
      last.push(register)
      room -= size
    }
  }
  return chunks
}
