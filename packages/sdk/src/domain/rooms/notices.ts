import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Notice } from '../../records/group.ts'
import type { Address } from '../../records/ids.ts'

/** What people are told of a commit; undefined where it changed nothing that they would want to know. */
export const noticeOf = (changes: readonly ControlChange[], by: Address): Notice | undefined => {
  const [first] = changes
  if (first === undefined) return undefined
  const peopleOf = (kind: 'add' | 'remove') =>
    changes.flatMap((change) => (change.kind === kind ? [change.address] : []))
  switch (first.kind) {
    case 'add':
      return { kind: 'added', by, people: peopleOf('add') }
    case 'remove':
      return { kind: 'removed', by: first.order?.address ?? by, people: peopleOf('remove') }
    case 'left':
      return { kind: 'left', by: first.address }
    case 'name':
      return { kind: 'renamed', by, name: first.name }
    case 'picture':
      return { kind: 'picture', by }
    case 'timer':
      return { kind: 'timer', by, seconds: first.seconds }
    case 'role':
      return { kind: 'role', by, address: first.address, role: first.role }
    case 'pin':
      return { kind: 'pinned', by, message: first.message }
    case 'unpin':
      return { kind: 'unpinned', by, message: first.message }
    case 'hubs':
      return { kind: 'hubs', by, hubs: first.hubs.map(({ url }) => url) }
    case 'handover':
      return { kind: 'moved', by, hub: first.hub.url }
    case 'move':
    case 'bot':
    case 'unbot':
      return undefined
    case 'successor':
      return {
        kind: 'repaired',
        by,
        ...(first.offender === undefined ? {} : { removed: first.offender }),
        ...(first.commitKey === undefined ? {} : { approval: first.commitKey.keepers }),
      }
    case 'commit-key':
      return first.commitKey === undefined ? { kind: 'approval-lifted', by } : undefined
  }
}
