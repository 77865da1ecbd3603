import { DchatError } from '../../errors.ts'
import type { Address, DeviceId } from '../../records/ids.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { parseAddress } from '../identity/address.ts'
import type { CborValue } from '../wire/cbor.ts'
import { isId, isText } from './fields.ts'
import type { PastRoom } from './message.ts'

/** Names that many messages share stand once, and are numbered from 0. */
export interface Table {
  readonly people: readonly Address[]
  readonly devices: readonly DeviceId[]
  readonly rooms: readonly PastRoom[]
}

const NAMES_LIMIT = 16_384

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'history', reason })

/** Numbers names as they come. */
export class Names {
  readonly #people = new Map<Address, number>()
  readonly #devices = new Map<DeviceId, number>()
  readonly #rooms = new Map<string, readonly [number, PastRoom]>()

  person(address: Address): number {
    return numberOf(this.#people, address)
  }
  device(id: DeviceId): number {
    return numberOf(this.#devices, id)
  }
  room(room: PastRoom): number {
    const known = this.#rooms.get(room.id)
    if (known !== undefined) return known[0]
    const number = this.#rooms.size
    if (room.peer !== undefined) this.person(room.peer)
    this.#rooms.set(room.id, [number, room])
    return number
  }

  value(): CborValue {
    const rooms = [...this.#rooms.values()].map(([, { id, peer, name }]): CborValue => {
      const number = peer === undefined ? null : this.person(peer)
      return [fromHex(id) as Uint8Array, number, name ?? '']
    })
    const devices = [...this.#devices.keys()].map((id) => fromHex(id) as Uint8Array)
    return [[...this.#people.keys()], devices, rooms]
  }
}

const numberOf = <T>(numbers: Map<T, number>, name: T): number => {
  const known = numbers.get(name) ?? numbers.size
  numbers.set(name, known)
  return known
}

/** Throws `protocol/malformed` only. */
export const tableOf = (value: unknown): Table => {
  if (!Array.isArray(value) || value.length !== 3) throw malformed('names')
  const [people, devices, rooms] = value as unknown[]
  const table = { people: listOf(people).map(personOf), devices: listOf(devices).map(deviceOf) }
  return { ...table, rooms: listOf(rooms).map((room) => roomOf(room, { ...table, rooms: [] })) }
}

const listOf = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value) || value.length > NAMES_LIMIT) throw malformed('list of names')
  return value as unknown[]
}

const personOf = (value: unknown): Address => {
  if (!isText(value, 128)) throw malformed('person')
  try {
    return parseAddress(value)
  } catch {
    throw malformed('person')
  }
}

const deviceOf = (value: unknown): DeviceId => {
  if (!isId(value, 16)) throw malformed('device')
  return toHex(value) as DeviceId
}

const roomOf = (value: unknown, table: Table): PastRoom => {
  if (!Array.isArray(value) || value.length !== 3) throw malformed('room')
  const [id, peer, name] = value as unknown[]
  if (!isId(id, 32) || !isText(name, 400)) throw malformed('room')
  return {
    id: toHex(id),
    ...(peer === null ? {} : { peer: addressAt(table, peer) }),
    ...(name === '' ? {} : { name }),
  }
}

const at = <T>(list: readonly T[], index: unknown, what: string): T => {
  const found = Number.isSafeInteger(index) ? list[index as number] : undefined
  if (found === undefined) throw malformed(what)
  return found
}

export const addressAt = ({ people }: Table, index: unknown): Address => at(people, index, 'person')
export const deviceAt = ({ devices }: Table, index: unknown): DeviceId => at(devices, index, 'device')
export const roomAt = ({ rooms }: Table, index: unknown): PastRoom => at(rooms, index, 'room')
