import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { type Address, createIdentity, DchatError, type RestoredIdentity, restoreIdentity } from '@dchat/sdk'

const PREFIX = 'dchatbot_'
const LENGTH = 32

/** A secret for a new bot: 32 random bytes as text, without spaces. It is the bot's identity: keep it as a password is kept. */
export const createBotSecret = (): string => `${PREFIX}${randomBytes(LENGTH).toString('base64url')}`

/** Where others reach the bot of a secret. Throws `usage/invalid-argument`. */
export const botAddress = (secret: string): Address => identityOf(secret).address

/** The secret in a file, which is made where it is not there: only its owner may read it. Throws `usage/invalid-argument`. */
export const heldSecret = async (file: string): Promise<string> => {
  try {
    await writeFile(file, `${createBotSecret()}\n`, { flag: 'wx', mode: 0o600 }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      },
    )
    return await readFile(file, 'utf8')
  } catch (cause) {
    const reason = 'it can be neither made nor read'
    throw new DchatError('usage/invalid-argument', { name: 'secretFile', reason }, { cause })
  }
}

/** The identity of a secret, whether its relays know it yet or not. Throws `usage/invalid-argument`. */
export const identityOf = (secret: string): RestoredIdentity => {
  const bytes = Buffer.from(secret.trim().slice(PREFIX.length), 'base64url')
  if (!secret.trim().startsWith(PREFIX) || bytes.length !== LENGTH)
    throw new DchatError('usage/invalid-argument', {
      name: 'secret',
      reason: `it is not one that createBotSecret made: ${PREFIX} and 43 characters`,
    })
  const { recoveryPhrase } = createIdentity({ kind: 'bot', random: () => new Uint8Array(bytes) })
  return restoreIdentity(recoveryPhrase, { kind: 'bot' })
}
