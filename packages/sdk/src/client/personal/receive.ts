import { mergeRegister, viewOf } from '../../domain/personal/merge.ts'
import { fits } from '../../domain/personal/values.ts'
import { compareValues } from '../../domain/personal/versions.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { decodePersonal, type Personal, type WireRegister } from '../../protocol/messages/personal.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { takeHistoryAsk, takeHistoryPiece, takeKeys } from '../history/receive-past.ts'
import { putJob } from '../jobs.ts'
import type { RoomSession } from '../rooms/session.ts'
import type { Told } from '../rooms/told.ts'
import { TURN } from '../rooms/turn.ts'
import type { Effect, Work } from '../rooms/work.ts'
import { ASKED } from './entered.ts'
import { REACTIONS } from './react.ts'
import { putRegister, type RegisterKind, type RegisterRecord, registerKey, SEEN } from './registers.ts'

/** Where a payload came from. */
export interface PersonalContext {
  readonly room: string
  readonly sender: Member
  /** The other devices of the room before this one, without the sender's: how many may answer before it. */
  readonly turn: number
  /** Accepted time, ms since 1970. */
  readonly at: number
  readonly told: Told
}

type Handler<T extends Personal['type']> = (
  tx: StoreWriter,
  core: Core,
  context: PersonalContext,
  payload: Extract<Personal, { readonly type: T }>,
) => Promise<void>

const HANDLERS: { readonly [T in Personal['type']]: Handler<T> } = {
  set: (tx, core, { told }, { registers }) => mergeRegisters(tx, core, registers, told),
  state: async (tx, core, { told }, { ask, part, parts, registers }) => {
    // Somebody answered: what this device would have said is not needed.
    tx.delete('jobs', answerKey(ask))
    await mergeRegisters(tx, core, registers, told)
    if (part === parts - 1 && (await tx.get('meta', ASKED)) === toHex(ask)) tx.delete('meta', ASKED)
  },
  ask: async (tx, core, { room, sender, turn }, { id, state, history }) => {
    if (history !== undefined)
      await takeHistoryAsk(tx, core, { sender: sender.device, wait: turn * TURN }, { id, history })
    if (state && sender.device !== core.self.device)
      await putJob(tx, answerKey(id), { kind: 'answer', room, ask: id }, core.clock.now(), turn * TURN)
  },
  keys: (tx, core, _, { body }) => takeKeys(tx, core, body),
  history: (tx, core, { sender }, { body }) => takeHistoryPiece(tx, core, sender.device, body),
}

const answerKey = (ask: Uint8Array): string => `answer/${toHex(ask)}`

/** Reads what another own device said in a self-conversation; it happens in the transaction that moves the room's cursor. */
export const readPersonal = (
  session: RoomSession,
  work: Work,
  sender: Member,
  at: number,
  bytes: Uint8Array,
): Effect => {
  const { core } = session
  const payload = decodePersonal(bytes)
  const room = work.record.id
  const others = (work.group?.members ?? []).filter(({ device }) => device !== sender.device)
  const turn = Math.max(
    others.findIndex(({ deviceKey }) => core.self.isOwnDevice(deviceKey)),
    0,
  )
  return {
    kind: 'personal',
    store: (tx, told) => handle(tx, core, { room, sender, turn, at, told }, payload),
  }
}

const handle = <T extends Personal['type']>(
  tx: StoreWriter,
  core: Core,
  context: PersonalContext,
  payload: Extract<Personal, { readonly type: T }>,
): Promise<void> => (HANDLERS[payload.type] as Handler<T>)(tx, core, context, payload)

/** Takes registers of other own devices. What does not fit its kind is passed over: it would be shown. */
export const mergeRegisters = async (
  tx: StoreWriter,
  core: Core,
  registers: readonly WireRegister[],
  told: Told,
): Promise<void> => {
  let seen = (await tx.get<number>('meta', SEEN)) ?? 0
  const changed: WireRegister[] = []
  for (const register of registers) {
    if (!fits(register.kind, register.subject, register.value)) continue
    seen = Math.max(seen, register.tag.time)
    if (await merge(tx, register)) changed.push(register)
  }
  tx.put('meta', { key: SEEN, value: seen })
  for (const { kind, subject } of changed) await REACTIONS[kind as RegisterKind]?.(tx, core, subject, told)
}

/** True where the register says something else now. */
const merge = async (tx: StoreWriter, { kind, subject, tag, value }: WireRegister): Promise<boolean> => {
  const arrived = { tag, value }
  const known = await tx.get<RegisterRecord>('personal', registerKey(kind, subject))
  const register = known === undefined ? arrived : mergeRegister(kind, known.register, arrived)
  if (known !== undefined && isSame(known.register, register)) return false
  await putRegister(tx, { kind, subject, register })
  const before = known === undefined ? undefined : viewOf(kind, known.register)
  return compareValues(before, viewOf(kind, register)) !== 0
}

const isSame = (a: RegisterRecord['register'], b: RegisterRecord['register']): boolean =>
  compareValues([a.tag, a.value ?? null], [b.tag, b.value ?? null]) === 0
