import { DchatError } from '@dchat/sdk/errors'

/** The part of the system's key store that is used here, as Electron gives it. */
export interface SystemKeys {
  isAvailable(): Promise<boolean>
  /** What stands behind it on Linux; undefined elsewhere. */
  backend(): string | undefined
  /** Go on without a keyring: the key is then in the program, and only the rights of the files protect. */
  usePlain(): void
  encrypt(text: string): Promise<Uint8Array>
  decrypt(sealed: Uint8Array): Promise<string>
}

const STORE = 'system'

/** Who could open it, in words for people. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  darwin: 'this macOS account',
  win32: 'this Windows account',
  linux: 'the keyring of this account',
}

const UNPROTECTED = 'whoever can read the files of this account, because no keyring was found'

/** Secrets locked by the system's key store. Where Linux has no keyring it goes on, and `boundTo` says what that means. */
export const systemSecrets = (keys: SystemKeys, platform: string) => {
  const plain = platform === 'linux' && keys.backend() === 'basic_text'
  if (plain) keys.usePlain()
  const available = async (): Promise<void> => {
    if (await keys.isAvailable()) return
    throw new DchatError('storage/unavailable', { store: STORE, reason: "the system's key store is not available" })
  }
  return {
    boundTo: plain ? UNPROTECTED : (ACCOUNTS[platform] ?? 'this account'),
    wrap: async (bytes: Uint8Array): Promise<Uint8Array> => {
      await available()
      return Uint8Array.from(await keys.encrypt(Buffer.from(bytes).toString('base64')))
    },
    unwrap: async (wrapped: Uint8Array): Promise<Uint8Array> => {
      await available()
      try {
        return Uint8Array.from(Buffer.from(await keys.decrypt(wrapped), 'base64'))
      } catch {
        throw new DchatError('storage/corrupt', { store: STORE, reason: 'this account did not lock it' })
      }
    },
  }
}
