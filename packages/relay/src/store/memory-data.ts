import { DchatError, type Entry, type SuccessorItem, toHex } from '@dchat/sdk/wire'
import type { Removal } from '../policy/access.ts'
import { needOpen } from '../policy/invitations.ts'
import { archiveGrowth, withinArchive, withinQuota } from '../policy/quota.ts'
import type { Appliers } from './outcome.ts'
import type { IdentityRecord, StoredInvitation, TopicState, Writes } from './store.ts'
import type { UndoLog } from './undo.ts'

export interface MemoryTopic {
  readonly state: TopicState
  readonly entries: Map<number, Entry>
  readonly references: Map<string, number>
  readonly keys: Map<string, number>
  readonly removals: Map<number, Removal>
  readonly successors: MemorySuccessors
}

export interface MemorySuccessors {
  /** The last seq that was given. */
  readonly seq: number
  /** By reference. */
  readonly items: Map<string, SuccessorItem & { readonly epoch: number }>
}

export interface MemoryItem {
  readonly seq: number
  readonly time: number
  readonly body: Uint8Array | null
  readonly acked?: number
}

export interface MemoryInbox {
  readonly seq: number
  /** By reference. */
  readonly items: Map<string, MemoryItem>
}

export interface MemoryStock {
  /** By hash, oldest first. */
  readonly oneTime: Map<string, { readonly body: Uint8Array | null; readonly claimed?: number }>
  readonly lastResort: Uint8Array | undefined
}

/** What a memory store holds; it outlives the handle. */
export interface MemoryData {
  open: boolean
  readonly secrets: Map<string, Uint8Array>
  readonly topics: Map<string, MemoryTopic>
  readonly blobs: Map<string, { readonly body: Uint8Array; readonly time: number }>
  readonly inboxes: Map<string, MemoryInbox>
  readonly packages: Map<string, MemoryStock>
  readonly identities: Map<string, IdentityRecord>
  readonly archives: Map<string, Map<string, { readonly body: Uint8Array; readonly time: number }>>
  /** By hash. */
  readonly invitations: Map<string, StoredInvitation>
}

export const memoryData = (): MemoryData => ({
  open: false,
  secrets: new Map(),
  topics: new Map(),
  blobs: new Map(),
  inboxes: new Map(),
  packages: new Map(),
  identities: new Map(),
  archives: new Map(),
  invitations: new Map(),
})

export const memoryAppliers = (data: MemoryData, undo: UndoLog): Appliers => ({
  'topic.append': ({ topic, expect, entries, after, keys, removals = [], blobs, time }) => {
    const name = toHex(topic)
    const held = data.topics.get(name)
    if ((held?.state.seq ?? 'absent') !== expect) throw new DchatError('relay/conflict', { what: 'the topic moved on' })
    const ids = blobs.map(({ id }) => toHex(id))
    if (ids.some((id, index) => data.blobs.has(id) || ids.indexOf(id) !== index))
      throw new DchatError('relay/conflict', { what: 'a blob of this id exists' })
    if (keys.some(({ key }) => held?.keys.has(toHex(key))))
      throw new DchatError('relay/conflict', { what: 'the topic had this key before' })
    const next: MemoryTopic = held
      ? { ...held, state: after }
      : {
          state: after,
          entries: new Map(),
          references: new Map(),
          keys: new Map(),
          removals: new Map(),
          successors: { seq: 0, items: new Map() },
        }
    undo.set(data.topics, name, next)
    for (const entry of entries) {
      undo.set(next.entries, entry.receipt.seq, entry)
      undo.set(next.references, toHex(entry.reference), entry.receipt.seq)
    }
    for (const { key, epoch } of keys) undo.set(next.keys, toHex(key), epoch)
    for (const removal of removals) undo.set(next.removals, removal.epoch, removal)
    blobs.forEach(({ body }, index) => {
      undo.set(data.blobs, ids[index] as string, { body, time })
    })
    return null
  },

  'successor.put': ({ topic, reference, body, epoch, time, bounds }) => {
    const name = toHex(topic)
    const held = data.topics.get(name)
    if (!held) throw new DchatError('relay/unknown-topic', { topic: name })
    const { seq: last, items } = held.successors
    const known = items.get(toHex(reference))
    if (known) return { seq: known.seq }
    for (const bound of bounds) {
      const older = [...items.values()].filter((item) => item.epoch <= bound.epoch)
      withinQuota('items of one successor list', bound.items, older.length, 1)
    }
    const seq = last + 1
    undo.set(data.topics, name, { ...held, successors: { seq, items } })
    undo.set(items, toHex(reference), { seq, time, reference, body, epoch })
    return { seq }
  },

  'inbox.put': ({ device, reference, body, time, limits }) => {
    const name = toHex(device)
    const held = data.inboxes.get(name) ?? { seq: 0, items: new Map<string, MemoryItem>() }
    const known = held.items.get(toHex(reference))
    if (known) return { seq: known.seq }
    const bodies = [...held.items.values()].flatMap((item) => (item.body ? [item.body.length] : []))
    if (bodies.length >= limits.items)
      throw new DchatError('relay/quota', { what: 'items of one inbox', limit: limits.items })
    if (bodies.reduce((sum, size) => sum + size, body.length) > limits.bytes)
      throw new DchatError('relay/quota', { what: 'bytes of one inbox', limit: limits.bytes })
    const seq = held.seq + 1
    undo.set(data.inboxes, name, { ...held, seq })
    undo.set(held.items, toHex(reference), { seq, time, body })
    return { seq }
  },

  'inbox.ack': ({ device, seq, time }) => {
    const items = data.inboxes.get(toHex(device))?.items ?? new Map<string, MemoryItem>()
    for (const [reference, item] of items)
      if (item.seq <= seq && item.body) undo.set(items, reference, { ...item, body: null, acked: time })
    return null
  },

  'keys.publish': ({ device, suite, oneTime, lastResort, replace, time, limit }) => {
    const name = `${toHex(device)} ${suite}`
    const held: MemoryStock = data.packages.get(name) ?? { oneTime: new Map(), lastResort: undefined }
    for (const [hash, { body }] of held.oneTime)
      if (replace && body !== null) undo.set(held.oneTime, hash, { body: null, claimed: time })
    const fresh = new Map(
      oneTime
        .map(({ hash, package: body }) => [toHex(hash), body] as const)
        .filter(([hash]) => !held.oneTime.has(hash)),
    )
    const count = [...held.oneTime.values()].filter(({ body }) => body !== null).length + fresh.size
    if (count > limit) throw new DchatError('relay/quota', { what: 'one-time key packages of one device', limit })
    undo.set(data.packages, name, { ...held, lastResort: lastResort ?? held.lastResort })
    for (const [hash, body] of fresh) undo.set(held.oneTime, hash, { body })
    return { count }
  },

  'keys.claim': ({ devices, suite, time, spare = false }) => ({
    packages: devices.flatMap((device): Writes['keys.claim']['result']['packages'] => {
      const stock = data.packages.get(`${toHex(device)} ${suite}`)
      const resort = stock?.lastResort && [{ device, package: stock.lastResort, lastResort: true }]
      if (resort && spare) return resort
      const [hash, next] = [...(stock?.oneTime ?? [])].find(([, { body }]) => body !== null) ?? []
      if (stock && hash !== undefined && next?.body) {
        undo.set(stock.oneTime, hash, { body: null, claimed: time })
        return [{ device, package: next.body, lastResort: false }]
      }
      return resort ?? []
    }),
  }),

  'identity.put': ({ record, invitation }) => {
    if (invitation && !data.identities.has(record.address)) {
      const name = toHex(invitation.hash)
      const held = data.invitations.get(name)
      needOpen(held, invitation.time)
      if (held) undo.set(data.invitations, name, { ...held, used: held.used + 1 })
    }
    undo.set(data.identities, record.address, record)
    return null
  },

  'invitation.put': ({ invitation }) => {
    const name = toHex(invitation.hash)
    if (data.invitations.has(name)) throw new DchatError('relay/conflict', { what: 'an invitation of this secret' })
    undo.set(data.invitations, name, { ...invitation, used: 0, revokedAt: null })
    return null
  },

  'invitation.revoke': ({ hash, time }) => {
    const held = data.invitations.get(toHex(hash))
    if (held) undo.set(data.invitations, toHex(hash), { ...held, revokedAt: held.revokedAt ?? time })
    return null
  },

  'archive.put': ({ address, slot, body, time, limits }) => {
    const held = data.archives.get(address) ?? new Map<string, { body: Uint8Array; time: number }>()
    const name = toHex(slot)
    const bytes = [...held.values()].reduce((sum, other) => sum + other.body.length, 0)
    withinArchive(limits, { slots: held.size, bytes }, archiveGrowth(held.get(name)?.body.length, body.length))
    undo.set(data.archives, address, held)
    if (body.length === 0) undo.delete(held, name)
    else undo.set(held, name, { body, time })
    return null
  },
})
