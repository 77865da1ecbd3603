import { createApplicationMessage } from 'ts-mls/createMessage.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import { processPrivateMessage } from 'ts-mls/processMessages.js'
import { emptyPskIndex } from 'ts-mls/pskIndex.js'
import { DchatError } from '../../errors.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Group, Opened } from './engine.ts'
import { guarded, undecryptable, voided } from './failures.ts'
import { activeInner, handleOf, innerOf } from './group.ts'
import { MESSAGE_LIMIT, parseMessage } from './parse.ts'
import { memberAt } from './tree.ts'

/** More than MLS adds to an application message: signature, tags, sender data and lengths. */
const OVERHEAD = 512

export const encrypt = async (
  group: Group,
  plaintext: Uint8Array,
  authenticatedData: Uint8Array,
): Promise<{ message: Uint8Array; next: Group }> => {
  const inner = activeInner(group)
  const size = plaintext.length + authenticatedData.length + OVERHEAD
  if (size > MESSAGE_LIMIT) throw new DchatError('protocol/too-large', { what: 'message', size, limit: MESSAGE_LIMIT })
  const { privateMessage, newState, consumed } = await createApplicationMessage(
    inner.state,
    plaintext,
    inner.cs,
    authenticatedData,
  )
  return {
    message: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage }),
    next: handleOf({ ...inner, state: newState, consumed }),
  }
}

/** Opens a message of the current epoch, or of an earlier one that is still retained. A removed device may still read. */
export const decrypt = async (group: Group, message: Uint8Array): Promise<Opened> => {
  const inner = innerOf(group)
  const { state, cs } = inner
  const { privateMessage } = parseMessage(message, 'mls_private_message', 'application message')
  if (!equalBytes(privateMessage.groupId, state.groupContext.groupId)) throw voided('a message of another group')
  if (privateMessage.contentType !== 'application') throw voided('a private message that is not an application message')
  const { epoch } = privateMessage
  if (epoch > state.groupContext.epoch) throw undecryptable(Number(epoch), 'it is of a later epoch')
  const ofEpoch = epoch === state.groupContext.epoch ? state : state.historicalReceiverData.get(epoch)
  if (ofEpoch === undefined) throw undecryptable(Number(epoch), 'the keys of its epoch are gone')
  const result = await guarded(
    () => processPrivateMessage(state, privateMessage, emptyPskIndex, cs),
    (cause) => undecryptable(Number(epoch), 'it does not open', cause),
  )
  if (result.kind !== 'applicationMessage') throw voided('a private message that is not an application message')
  const sender = memberAt(ofEpoch.ratchetTree, result.senderLeafIndex)
  if (sender === undefined) throw undecryptable(Number(epoch), 'its sender is no leaf')
  return {
    plaintext: new Uint8Array(result.message),
    authenticatedData: privateMessage.authenticatedData,
    sender,
    epoch: Number(epoch),
    next: handleOf({ ...inner, state: result.newState, consumed: result.consumed }),
  }
}
