import { type ControlContext, type ControlView, judgeControl } from '../../src/domain/rooms/control.ts'
import type { IdentityLog } from '../../src/protocol/identity/log.ts'
import type { ControlChange } from '../../src/protocol/messages/control-change.ts'
import type { Snapshot } from '../../src/protocol/messages/snapshot.ts'
import type { Member } from '../../src/protocol/mls/engine.ts'
import type { Person, Role } from '../../src/records/group.ts'
import type { Address } from '../../src/records/ids.ts'
import { toHex } from '../../src/util/bytes.ts'
import { addDevice, deviceKey, genesisLog, grow, type Owner, owner, revokeDevice } from '../identity/histories.ts'

/** A person with two certified devices, `one` and `two`. */
export interface Actor {
  readonly keys: Owner
  readonly log: IdentityLog
  readonly address: Address
  readonly one: Uint8Array
  readonly two: Uint8Array
}

export const actor = (name: string): Actor => {
  const keys = owner(name)
  const log = grow(genesisLog(keys), keys, addDevice(`${name}/one`), addDevice(`${name}/two`))
  return { keys, log, address: log.address, one: deviceKey(`${name}/one`), two: deviceKey(`${name}/two`) }
}

export const withoutDevice = (who: Actor, name: string): Actor => ({
  ...who,
  log: grow(who.log, who.keys, revokeDevice(name)),
})

export const person = ({ address, log }: Actor, role: Role, since = 0): Person => ({
  address,
  role,
  since,
  log: log.entries.length,
})

const sorted = (people: readonly Person[]): readonly Person[] =>
  [...people].sort((a, b) => (a.address < b.address ? -1 : 1))

export const group = (people: readonly Person[], more: Partial<Snapshot> = {}): Snapshot => ({
  kind: 'group',
  suite: 'group-x25519-aes128',
  room: new Uint8Array(32).fill(1),
  opener: people[0]?.address as Address,
  term: 1,
  name: 'A group',
  timer: 0,
  people: sorted(people),
  pins: [],
  ...more,
})

export const dm = (a: Actor, b: Actor): Snapshot => ({
  ...group([person(a, 'member'), person(b, 'member')]),
  kind: 'dm',
  suite: 'dm-xwing-aes256',
  name: '',
})

export const self = (who: Actor): Snapshot => ({
  ...group([person(who, 'member')]),
  kind: 'self',
  suite: 'dm-xwing-aes256',
  name: '',
})

export const leafOf = (address: Address, key: Uint8Array, leaf: number): Member => ({
  address,
  deviceKey: key,
  certificate: new Uint8Array(32),
  leaf,
  device: toHex(key).slice(0, 16) as Member['device'],
})

export const logsOf = (...actors: readonly Actor[]): ReadonlyMap<Address, IdentityLog> =>
  new Map(actors.map(({ address, log }) => [address, log]))

export interface Commit {
  readonly by: Actor
  readonly device?: Uint8Array
  readonly kind?: ControlView['kind']
  readonly epoch?: number
  readonly members: readonly Member[]
  readonly changes?: readonly ControlChange[]
  readonly added?: ControlView['added']
  readonly removed?: readonly Member[]
  readonly logs: ControlContext['logs']
  readonly left?: ControlContext['left']
  readonly ordered?: ControlContext['ordered']
  readonly voided?: NonNullable<ControlContext['voided']>
  readonly handover?: NonNullable<ControlContext['handover']>
}

export const judge = (snapshot: Snapshot, commit: Commit): Snapshot | string => {
  const { by, device = by.one, kind = 'update', epoch = 5, changes = [], added = [], removed = [] } = commit
  return judgeControl(snapshot, {
    view: { kind, epoch, committer: { address: by.address, deviceKey: device }, added, removed },
    members: commit.members,
    changes,
    logs: commit.logs,
    left: commit.left ?? new Set(),
    ordered: commit.ordered ?? new Set(),
    ...(commit.voided === undefined ? {} : { voided: commit.voided }),
    ...(commit.handover === undefined ? {} : { handover: commit.handover }),
  })
}
