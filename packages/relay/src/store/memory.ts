import { DchatError, type Entry, equalBytes, fromHex, type InboxItem, type SuccessorItem, toHex } from '@dchat/sdk/wire'
import type { Removal } from '../policy/access.ts'
import { type MemoryData, memoryAppliers, memoryData } from './memory-data.ts'
import { memorySweep } from './memory-sweep.ts'
import { applyWrite } from './outcome.ts'
import { withinBytes } from './rows.ts'
import type { Store } from './store.ts'
import { UndoLog } from './undo.ts'

export { type MemoryData, memoryData } from './memory-data.ts'

/** Everything in maps: for tests. Handles over the same `data` see the same content, as a reopened database would. */
export const memoryStore = (data: MemoryData = memoryData()): Store => {
  if (data.open) throw new DchatError('storage/in-use', { store: 'memory', owner: 'another handle' })
  data.open = true
  let closed = false
  const alive = () => {
    if (closed) throw new DchatError('usage/closed', { what: 'store' })
    return data
  }
  const topicOf = (topic: Uint8Array) => alive().topics.get(toHex(topic))
  const inboxOf = (device: Uint8Array) => alive().inboxes.get(toHex(device))

  const change = <T>(work: (undo: UndoLog) => T): T => {
    alive()
    const undo = new UndoLog()
    try {
      return work(undo)
    } catch (error) {
      undo.rollback()
      throw error
    }
  }

  return {
    secret: async (name, make) => {
      const held = alive().secrets.get(name) ?? make()
      data.secrets.set(name, held)
      return held
    },
    topic: async (topic) => topicOf(topic)?.state,
    topicKeyEpoch: async (topic, key) => topicOf(topic)?.keys.get(toHex(key)),
    firstRemoval: async (topic, epoch) => first([...(topicOf(topic)?.removals.values() ?? [])], epoch),
    entries: async (topic, after, upTo, { limit, bytes }) => {
      const all = topicOf(topic)?.entries
      if (!all) return []
      const page: Entry[] = []
      for (let seq = after + 1; seq <= upTo && page.length < limit; seq++) {
        const entry = all.get(seq)
        if (!entry) break
        page.push(entry)
      }
      return withinBytes(page, bytes, ({ body, frame }) => (body?.length ?? 0) + (frame?.length ?? 0))
    },
    entryByReference: async (topic, reference) => {
      const held = topicOf(topic)
      return held?.entries.get(held.references.get(toHex(reference)) ?? 0)
    },
    successors: async (topic, after, { limit, bytes }) => {
      const items = [...(topicOf(topic)?.successors.items.values() ?? [])]
        .filter(({ seq }) => seq > after)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit)
        .map(({ epoch: _, ...item }): SuccessorItem => item)
      return withinBytes(items, bytes, ({ body }) => body.length)
    },
    blob: async (id) => alive().blobs.get(toHex(id))?.body,
    hasBlob: async (id) => alive().blobs.has(toHex(id)),
    inboxHead: async (device) => inboxOf(device)?.seq ?? 0,
    inboxUse: async (device) => {
      const bodies = [...(inboxOf(device)?.items.values() ?? [])].flatMap(({ body }) => (body ? [body.length] : []))
      return { items: bodies.length, bytes: bodies.reduce((sum, size) => sum + size, 0) }
    },
    inboxItems: async (device, after, { limit, bytes }) => {
      const items = [...(inboxOf(device)?.items.values() ?? [])].filter(({ seq }) => seq > after)
      const held = items.flatMap(({ seq, time, body }): InboxItem[] => (body ? [{ seq, time, body }] : []))
      return withinBytes(held.sort((a, b) => a.seq - b.seq).slice(0, limit), bytes, ({ body }) => body.length)
    },
    packageCount: async (device, suite) => {
      const stock = alive().packages.get(`${toHex(device)} ${suite}`)
      return {
        count: [...(stock?.oneTime.values() ?? [])].filter(({ body }) => body !== null).length,
        lastResort: stock?.lastResort !== undefined,
      }
    },
    identity: async (address) => alive().identities.get(address),
    addressesOfKey: async (key, limit) =>
      [...alive().identities.values()]
        .flatMap(({ address, keys }) =>
          keys.filter((held) => equalBytes(held.key, key)).map(({ shown }) => ({ address, shown })),
        )
        .sort((a, b) => Number(b.shown) - Number(a.shown) || (a.address < b.address ? -1 : 1))
        .slice(0, limit)
        .map(({ address }) => address),
    isActiveDevice: async (device, address) =>
      [...alive().identities.values()].some(
        (record) =>
          (address === undefined || record.address === address) &&
          record.devices.some((held) => !held.revoked && equalBytes(held.device, device)),
      ),
    isRevokedDevice: async (device) => {
      const devices = [...alive().identities.values()].flatMap((record) => record.devices)
      const known = devices.filter((held) => equalBytes(held.device, device))
      return known.length > 0 && known.every(({ revoked }) => revoked)
    },
    invitation: async (hash) => alive().invitations.get(toHex(hash)),
    invitations: async () =>
      [...alive().invitations.values()].sort((a, b) => a.createdAt - b.createdAt || Buffer.compare(a.hash, b.hash)),
    archiveSlot: async (address, slot) => alive().archives.get(address)?.get(toHex(slot)),
    archive: async (address, after, { limit, bytes }) => {
      const from = after === undefined ? '' : toHex(after)
      const slots = [...(alive().archives.get(address) ?? [])]
        .filter(([slot]) => slot > from)
        .sort(([a], [b]) => (a < b ? -1 : 1))
      return withinBytes(
        slots.slice(0, limit).map(([slot, held]) => ({ slot: fromHex(slot) as Uint8Array, ...held })),
        bytes,
        ({ body }) => body.length,
      )
    },
    commit: async (writes) =>
      change((undo) => {
        const appliers = memoryAppliers(data, undo)
        return writes.map((write) => applyWrite(appliers, write))
      }),
    sweep: async (times, limit) => change((undo) => memorySweep(data, undo, times, limit)),
    check: async () => {
      alive()
    },
    close: async () => {
      if (closed) return
      closed = true
      data.open = false
    },
  }
}

const first = (removals: readonly Removal[], epoch: number): Removal | undefined =>
  removals.filter((removal) => removal.epoch >= epoch).sort((a, b) => a.epoch - b.epoch)[0]
