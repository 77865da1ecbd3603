import type { RelayLink } from '../../ports/transport.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { announcementBy, putAnnouncement } from './announcements.ts'
import {
  commitAsApplication,
  falseRemoves,
  garbageCommit,
  overreachingCommit,
  wrongBind,
  wrongNextKey,
} from './commits.ts'
import { forgedCredential, uncertifiedDevice } from './credentials.ts'
import { type HostileMember, proveTopic, publishAs } from './member.ts'
import { applicationAsCommit, messageEntry, replayed } from './messages.ts'
import { corruptedPath, evilPathKeys } from './paths.ts'
import { externalTheft, FORBIDDEN, forbiddenProposal } from './proposals.ts'

/** What an act works with. */
export interface ActContext {
  /** As the device's store has it now. */
  readonly member: HostileMember
  readonly link: RelayLink
  readonly now: number
  /** What it writes; must never be shown as somebody else's. */
  readonly text: string
  /** What it keeps from one act to the next. */
  readonly memory: Map<string, unknown>
}

export interface Act {
  /** Everybody can tell who did it: in the end the author is out. */
  readonly proven?: true
  /** False: it cannot be done as things stand. */
  readonly run: (context: ActContext) => Promise<boolean>
}

const FLOOD = 300
const HELD = 'held'

const publish =
  (make: (context: ActContext) => Promise<EntryUpload | undefined>) =>
  async (context: ActContext): Promise<boolean> => {
    const entry = await make(context)
    if (entry === undefined) return false
    await publishAs(context.member, context.link, entry)
    return true
  }

const roleOf = ({ snapshot }: HostileMember, address: Address) =>
  snapshot.people.find((person) => person.address === address)?.role

/** Somebody else of the group, of the highest role. */
const victimOf = (member: HostileMember): Address | undefined => {
  const others = member.snapshot.people.filter(({ address }) => address !== member.self.address)
  return (others.find(({ role }) => role === 'owner') ?? others[0])?.address
}

const leafOf = ({ group }: HostileMember, victim: Address | undefined): number | undefined =>
  group.members.find(({ address }) => address === victim)?.leaf

/** Everything that a member tries who keeps to no rule. */
export const ACTS: Readonly<Record<string, Act>> = {
  'garbage commit': { run: publish(({ member }) => garbageCommit(member)) },
  'message framed as a commit': { run: publish(({ member, text }) => applicationAsCommit(member, text)) },
  'commit framed as a message': { run: publish(({ member }) => commitAsApplication(member)) },
  'wrong next key': { proven: true, run: publish(({ member }) => wrongNextKey(member)) },
  'wrong HMAC': { proven: true, run: publish(({ member }) => wrongBind(member)) },
  'wrong removes flag': { proven: true, run: publish(({ member }) => falseRemoves(member)) },
  'removal beyond its role': {
    proven: true,
    run: publish(async ({ member }) => {
      const { people } = member.snapshot
      const victim = people.find(({ address, role }) => address !== member.self.address && role !== 'owner')
      if (victim === undefined || roleOf(member, member.self.address) !== 'member') return undefined
      return overreachingCommit(member, victim.address)
    }),
  },
  'evil path keys': { proven: true, run: publish(({ member }) => evilPathKeys(member)) },
  'corrupted path': {
    run: publish(({ member }) => {
      const victims = member.group.members.filter(({ address }) => address !== member.self.address).slice(0, 1)
      return corruptedPath(
        member,
        victims.map(({ leaf }) => leaf),
      )
    }),
  },
  'leaf of another address': {
    proven: true,
    run: publish(async ({ member }) => {
      const address = victimOf(member)
      return address === undefined ? undefined : forgedCredential(member, { address })
    }),
  },
  'leaf of another certificate': {
    proven: true,
    run: publish(({ member }) => forgedCredential(member, { certificate: member.crypto.random(32) })),
  },
  'leaf of another key': {
    run: publish(({ member }) => forgedCredential(member, { deviceKey: member.crypto.random(32) })),
  },
  'device that is not certified': {
    proven: true,
    run: publish(async ({ member, now }) => {
      const address = victimOf(member)
      return address === undefined ? undefined : uncertifiedDevice(member, address, now)
    }),
  },
  ...Object.fromEntries(
    FORBIDDEN.map((kind): [string, Act] => [
      `commit with ${kind}`,
      { proven: true, run: publish(({ member }) => forbiddenProposal(member, kind)) },
    ]),
  ),
  "external commit in another's place": {
    run: publish(async ({ member }) => {
      const leaf = leafOf(member, victimOf(member))
      return leaf === undefined ? undefined : externalTheft(member, leaf)
    }),
  },
  "message in another's name": {
    run: publish(async ({ member, text }) => {
      const sender = victimOf(member)
      return sender === undefined ? undefined : (await messageEntry(member, text, { sender })).entry
    }),
  },
  'message of another room': {
    run: publish(
      async ({ member, text }) => (await messageEntry(member, text, { room: member.crypto.random(32) })).entry,
    ),
  },
  /** Keeps a message, and the keys of now, for later. */
  hold: {
    run: async ({ member, text, memory }) => {
      memory.set(HELD, { member, entry: (await messageEntry(member, text)).entry })
      return true
    },
  },
  /** What was held goes out, with the keys of then: too late, or by one who is out. */
  'let go': {
    run: async ({ link, memory }) => {
      const held = memory.get(HELD) as { member: HostileMember; entry: EntryUpload } | undefined
      if (held === undefined) return false
      await publishAs(held.member, link, held.entry)
      return true
    },
  },
  /** As one who is out, or is to leave, and does not care. */
  'writing with old keys': {
    run: async ({ link, memory, text }) => {
      const held = memory.get(HELD) as { member: HostileMember } | undefined
      if (held === undefined) return false
      await publishAs(held.member, link, (await messageEntry(held.member, text)).entry)
      return true
    },
  },
  'changing with old keys': {
    run: async ({ link, memory }) => {
      const held = memory.get(HELD) as { member: HostileMember } | undefined
      if (held === undefined) return false
      await publishAs(held.member, link, await wrongBind(held.member))
      return true
    },
  },
  replay: {
    run: async ({ member, link }) => {
      const { topic, seq } = member.room
      await proveTopic(member, link, topic)
      const { entries } = await link.request('topic.read', { topic, after: Math.max(0, seq - 20), limit: 20 })
      const old = entries.flatMap(({ body, epoch, receipt: { kind } }) =>
        body === null || kind === 'commit' || epoch !== member.group.epoch ? [] : [{ kind, epoch, body }],
      )
      for (const entry of old) await publishAs(member, link, replayed(member, entry))
      return old.length > 0
    },
  },
  flood: {
    run: async ({ member, link }) => {
      const { topic } = member.room
      const { epoch } = member.group
      await proveTopic(member, link, topic)
      for (let sent = 0; sent < FLOOD; sent += 50) {
        const entries = Array.from({ length: 50 }, (): EntryUpload => {
          const { crypto } = member
          return { kind: 'application', epoch, reference: crypto.random(16), body: crypto.random(256) }
        })
        await link.request('topic.publish', { topic, entries })
      }
      return true
    },
  },
  /** Junk in the list where successors are announced, and then a void commit. */
  'junk for successors': {
    run: async ({ member, link }) => {
      for (let item = 0; item < 30; item++) {
        const body =
          item % 2 === 0 ? member.crypto.random(500) : (await announcementBy(member, member.room.seq + 1)).sealed
        try {
          await putAnnouncement(member, link, body)
        } catch {
          break
        }
      }
      await publishAs(member, link, await garbageCommit(member))
      return true
    },
  },
}
