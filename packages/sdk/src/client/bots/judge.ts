import { judgeBot } from '../../domain/rooms/bots.ts'
import type { ControlContext } from '../../domain/rooms/control.ts'
import type { IdentityLog } from '../../protocol/identity/log.ts'
import { decodeManifest } from '../../protocol/messages/bot.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Notice } from '../../records/group.ts'
import type { Address } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { acceptable } from './manifests.ts'

/** How a commit that says something of bots is judged. */
export const botJudge = async (
  core: Pick<Core, 'crypto'>,
  logs: ReadonlyMap<Address, IdentityLog>,
  changes: readonly ControlChange[],
): Promise<Required<Pick<ControlContext, 'bots'>>> => ({ bots: judgeBot(await acceptable(core, logs, changes)) })

/** What people are told of it. */
export const botNotice = (
  before: Snapshot,
  change: Extract<ControlChange, { readonly kind: 'bot' | 'unbot' }>,
  by: Address,
): Notice => {
  const { address } = change
  if (change.kind === 'unbot') return { kind: 'bot-removed', by, address }
  const isKnown = before.bots?.some((bot) => bot.address === address) ?? false
  const { read } = decodeManifest(change.manifest).manifest
  return { kind: isKnown ? 'bot-scope-changed' : 'bot-installed', by, address, read }
}
