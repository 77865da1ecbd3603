import { addHistoricalReceiverData, type ClientState } from 'ts-mls/clientState.js'
import type { EpochReceiverData } from 'ts-mls/epochReceiverData.js'
import type { GenerationSecret, SecretTree } from 'ts-mls/secretTree.js'
import type { Group } from './engine.ts'
import { wrongArgument } from './failures.ts'
import { handleOf, innerOf } from './group.ts'

const cloneSecret = ({ secret, generation, unusedGenerations }: GenerationSecret): GenerationSecret => ({
  secret: new Uint8Array(secret),
  generation,
  unusedGenerations: Object.fromEntries(
    Object.entries(unusedGenerations).map(([at, unused]) => [at, new Uint8Array(unused)]),
  ),
})

const cloneTree = (tree: SecretTree): SecretTree =>
  tree.map(({ handshake, application }) => ({
    handshake: cloneSecret(handshake),
    application: cloneSecret(application),
  }))

type Past = Map<bigint, EpochReceiverData>

/**
 * A pending state shares the ratchets of the epoch that it ends with the state that goes on meanwhile. Its own copy
 * keeps `forget` on one of them from zeroing what the other still needs.
 */
export const ownRatchets = (past: Past): Past =>
  new Map([...past].map(([epoch, data]) => [epoch, { ...data, secretTree: cloneTree(data.secretTree) }]))

/** `next` with the ratchets of earlier epochs as they stand in `parent`, the latest state of the epoch that it ended. */
export const rebase = (next: Group, parent: Group): Group => {
  const after = innerOf(next)
  const before = innerOf(parent)
  if (next.epoch !== parent.epoch + 1 || !after.state.historicalReceiverData.has(before.state.groupContext.epoch))
    throw wrongArgument('parent', 'the pending state does not follow it')
  const state: ClientState = { ...after.state, historicalReceiverData: addHistoricalReceiverData(before.state)[0] }
  return handleOf({ ...after, state })
}
