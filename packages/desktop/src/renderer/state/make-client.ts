import {
  type BackupProgress,
  type Client,
  createClient,
  createIdentity,
  importBackup,
  type LinkStep,
  linkDevice,
  restoreIdentity,
  type Unlock,
} from '@dchat/sdk'
import type { OpenedFile } from '../../core/host.ts'

/** How an identity comes to this machine. */
export type Beginning =
  | {
      readonly kind: 'new'
      readonly relays: readonly string[]
      /** To a relay that takes people by invitation. */
      readonly invitation?: string | undefined
      readonly deviceName?: string
      /** ms since 1970: a burner, whose keys have nothing in common with any other's. */
      readonly expiresAt?: number
    }
  | {
      readonly kind: 'phrase'
      readonly phrase: string
      readonly relays: readonly string[]
      readonly invitation?: string | undefined
      readonly deviceName?: string
    }
  | {
      readonly kind: 'link'
      readonly relays: readonly string[]
      readonly deviceName?: string
      readonly onStep: (step: LinkStep) => void
      readonly signal: AbortSignal
    }
  | {
      readonly kind: 'backup'
      readonly file: OpenedFile
      readonly passphrase: string
      readonly onProgress: (progress: BackupProgress) => void
      readonly signal: AbortSignal
    }

/** Makes the client in a new store; `phrase` is that of a new identity, to be written down. */
export const makeClient = async (
  beginning: Beginning,
  store: string,
  unlock: Unlock,
): Promise<{ client: Client; phrase?: string }> => {
  if (beginning.kind === 'backup') {
    const { file, passphrase, onProgress, signal } = beginning
    await importBackup({ store, unlock, source: file.chunks(), passphrase, onProgress, signal })
    return { client: await createClient({ store, unlock }) }
  }
  const { relays, deviceName } = beginning
  const options = { store, unlock, relays, ...(deviceName === undefined ? {} : { deviceName }) }
  if (beginning.kind === 'phrase')
    return { client: await createClient({ ...options, identity: restoreIdentity(beginning.phrase) }) }
  if (beginning.kind === 'link') {
    const { onStep, signal } = beginning
    return { client: await linkDevice({ ...options, onStep, signal }) }
  }
  const { expiresAt } = beginning
  const identity = createIdentity(expiresAt === undefined ? {} : { expiresAt })
  return { client: await createClient({ ...options, identity }), phrase: identity.recoveryPhrase }
}
