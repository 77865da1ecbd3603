import { type Client, type LinkStep, linkDevice } from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import { privateDirectory } from '../config/config.ts'
import { relaysOf, settleProfile } from './new-profile.ts'
import { unlockBy } from './open-client.ts'

/** The codes go to stderr for people, and stand in the lines for programs. */
const tell = async (step: LinkStep, { out, host }: Context): Promise<void> => {
  if (step.step === 'waiting') {
    const { qr, code, expiresAt } = step
    if (out.json) return out.item('waiting', { qr, code, expires_at: new Date(expiresAt).toISOString() }, '')
    if (host.stderr.isTTY === true) {
      const { renderUnicodeCompact } = await import('uqr')
      out.secret(renderUnicodeCompact(qr))
    }
    out.secret(`On a device that you have, within ten minutes:\n\n    dchat devices approve ${code}\n\nor by ${qr}`)
  } else if (step.step === 'found') {
    if (out.json) return out.item('found', {}, '')
    out.note('The other device has found this one; approve it there.')
  }
}

/** Makes a profile of somebody who has a device already, tells its relays, and prints what it is. Throws `identity/exists`. */
export const linkProfile = async (context: Context, { name }: { readonly name: string | undefined }): Promise<void> => {
  const { out, signal, directories } = context
  const profile = await context.profile()
  const relays = await relaysOf(
    context,
    'the two devices meet at a relay that your other device uses',
    'Name one with --relay wss://…; "dchat whoami" on the other device shows which.',
  )
  const passphrase = await context.passphrase()
  await privateDirectory(directories.data)
  // Lines are written one after the other, in the order of the steps.
  let told = Promise.resolve()
  const linking = linkDevice({
    store: profile.directory,
    owner: 'dchat',
    unlock: unlockBy(passphrase),
    relays,
    signal,
    ...(name === undefined ? {} : { deviceName: name }),
    onStep: (step) => {
      told = told.then(() => tell(step, context))
    },
  })
  const client: Client = await linking.catch((error: unknown) => {
    if (!isDchatError(error, 'identity/exists')) throw error
    throw new DchatError('identity/exists', { profile: profile.name }, { cause: error })
  })
  try {
    await told
    const linked = await settleProfile(client, context, client.relays())
    await out.item('linked', linked, linked.address)
    await out.end()
  } finally {
    await client.close()
  }
}
