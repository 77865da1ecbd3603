import type { StoreReader, StoreWriter } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import { equalBytes } from '../util/bytes.ts'
import type { ClientIdRecord } from './records.ts'

const LIMIT = 200

const keyOf = (clientId: string): string => `client/${clientId}`

/** Idempotency keys have 1 to 200 characters. Throws `usage/invalid-argument`. */
export const checkClientId = (clientId: string | undefined): void => {
  if (clientId !== undefined && (clientId.length === 0 || clientId.length > LIMIT))
    throw new DchatError('usage/invalid-argument', { name: 'clientId', reason: `it has 1 to ${LIMIT} characters` })
}

/** The id of what was made with the key; undefined if it is fresh. Throws `message/client-id-reused`. */
export const madeWith = async (
  tx: StoreReader,
  clientId: string | undefined,
  fingerprint: Uint8Array,
): Promise<string | undefined> => {
  if (clientId === undefined) return undefined
  const known = await tx.get<ClientIdRecord>('outbox', keyOf(clientId))
  if (known === undefined) return undefined
  if (!equalBytes(known.fingerprint, fingerprint)) throw new DchatError('message/client-id-reused', { clientId })
  return known.messageId
}

/** In the transaction that makes the thing itself. */
export const rememberMade = (
  tx: StoreWriter,
  clientId: string | undefined,
  id: string,
  fingerprint: Uint8Array,
): void => {
  if (clientId === undefined) return
  tx.put('outbox', { key: keyOf(clientId), value: { messageId: id, fingerprint } satisfies ClientIdRecord })
}

export const forgetMade = (tx: StoreWriter, clientId: string | undefined): void => {
  if (clientId !== undefined) tx.delete('outbox', keyOf(clientId))
}
