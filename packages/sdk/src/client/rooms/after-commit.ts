import { personOf } from '../../domain/rooms/permissions.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import { ARCHIVED_PEOPLE } from '../../protocol/wire/limits.ts'
import { toHex } from '../../util/bytes.ts'
import { othersToAsk } from './people.ts'
import type { RoomSession } from './session.ts'
import type { Work } from './work.ts'

/** ms between two devices' turns at a removal that all of them could make. */
const APART = 250
const TURNS = 40
/** The same for channels of bots, which take longer to change. */
const BOTS_APART = 2_000

/** What follows from a commit that counts, own or another's. */
export const afterCommit = (session: RoomSession, work: Work, before: Snapshot, own = false): void => {
  const { core } = session
  const { snapshot, heard } = work.control
  const { id } = work.record
  // Who comes back later has not accepted yet.
  if (heard.some((address) => personOf(snapshot, address) === undefined))
    work.control = { ...work.control, heard: heard.filter((address) => personOf(snapshot, address) !== undefined) }
  if (archived(before, core.self.address) !== archived(snapshot, core.self.address))
    work.effects.push({
      kind: 'job',
      key: `archive/${id}`,
      task: { kind: 'archive', room: id },
    })
  if (snapshot.people.some(({ address, log }) => log > (personOf(before, address)?.log ?? log)))
    removeRevoked(session, work)
  keepBots(session, work, before, own)
  if (snapshot.commitKey ?? before.commitKey) keepKey(session, work, before)
  if (work.record.leaving && isAlone(snapshot)) work.halt = 'closed'
}

/** Whoever changed the group changes its channels too; the others look in turn whether that was done (bots.md). */
const keepBots = ({ core }: RoomSession, { control, record, group, effects }: Work, before: Snapshot, own: boolean) => {
  const { parent, bots = before.bots } = control.snapshot
  if (bots === undefined || bots[0]?.address === core.self.address) return
  const room = parent === undefined ? record.id : toHex(parent)
  const turn = own ? 0 : (group?.members.findIndex(({ deviceKey }) => core.self.isOwnDevice(deviceKey)) ?? 0) + 1
  const task = { kind: 'channels', room } as const
  effects.push({ kind: 'job', key: `channels/${room}`, task, after: Math.min(turn, TURNS) * BOTS_APART })
}

/** Those who hold the commit key look in turn whether it is held by whom it should be. */
const keepKey = ({ core }: RoomSession, { control, record, group, effects }: Work, before: Snapshot): void => {
  const { conversation, id: room } = record
  const by = control.snapshot.commitKey?.keepers
  if (by !== before.commitKey?.keepers)
    effects.push({ kind: 'event', event: { type: 'approval', conversation, ...(by && { by }) } })
  const turn = group?.members.findIndex(({ deviceKey }) => core.self.isOwnDevice(deviceKey)) ?? 0
  const task = { kind: 'commit-key', room } as const
  effects.push({ kind: 'job', key: `commit-key/${room}`, task, after: Math.min(Math.max(turn, 0), TURNS) * APART })
}

/** Nobody is left who could let this person go. */
export const isAlone = ({ people }: Pick<Snapshot, 'people'>): boolean => people.length === 1

const archived = (snapshot: Snapshot, own: Snapshot['opener']): string =>
  [snapshot.name, ...othersToAsk(snapshot, own).slice(0, ARCHIVED_PEOPLE)].join('\n')

/** Plans to take revoked devices out, where there are some. */
export const removeRevoked = (session: RoomSession, work: Work): void => {
  const { directory, self } = session.core
  const members = work.group?.members ?? []
  const staying = members.filter(({ address, deviceKey }) => !directory.isRevoked(address, deviceKey))
  if (staying.length === members.length) return
  const turn = staying.findIndex(({ deviceKey }) => self.isOwnDevice(deviceKey))
  const { id } = work.record
  work.effects.push({
    kind: 'job',
    key: `remove-revoked/${id}`,
    task: { kind: 'remove-revoked', room: id },
    after: Math.min(Math.max(turn, 0), TURNS) * APART,
  })
}
