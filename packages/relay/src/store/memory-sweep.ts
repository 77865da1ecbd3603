import type { MemoryData } from './memory-data.ts'
import type { SweepTimes } from './store.ts'
import type { UndoLog } from './undo.ts'

/** One slice of retention over the maps. Returns how many rows it changed. */
export const memorySweep = (data: MemoryData, undo: UndoLog, times: SweepTimes, limit: number): number => {
  const left = { application: limit, commit: limit, successors: limit, inbox: limit, references: limit, blobs: limit }
  let changed = 0
  const take = (kind: keyof typeof left): boolean => {
    if (left[kind] === 0) return false
    left[kind]--
    changed++
    return true
  }

  for (const [name, topic] of data.topics) {
    let freed = 0
    for (const [seq, entry] of topic.entries) {
      const { kind, time } = entry.receipt
      if (!entry.body || time >= (kind === 'commit' ? times.commits : times.entries) || !take(kind)) continue
      freed += entry.body.length + (entry.frame?.length ?? 0)
      undo.set(topic.entries, seq, { ...entry, body: null, frame: null })
    }
    if (freed > 0)
      undo.set(data.topics, name, { ...topic, state: { ...topic.state, bytes: topic.state.bytes - freed } })
  }
  for (const { successors } of data.topics.values())
    for (const [reference, { time }] of [...successors.items])
      if (time < times.successors && take('successors')) undo.delete(successors.items, reference)
  for (const { items } of data.inboxes.values())
    for (const [reference, { body, time, acked }] of [...items]) {
      const expired = body ? time < times.inbox && take('inbox') : (acked ?? 0) < times.references && take('references')
      if (expired) undo.delete(items, reference)
    }
  for (const [id, { time }] of [...data.blobs]) if (time < times.blobs && take('blobs')) undo.delete(data.blobs, id)
  for (const { oneTime } of data.packages.values())
    for (const [hash, { claimed }] of [...oneTime])
      if (claimed !== undefined && claimed < times.references && take('references')) undo.delete(oneTime, hash)
  return changed
}
