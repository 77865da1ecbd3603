import type { joinGroup as JoinGroup, makePskIndex as MakePskIndex } from 'ts-mls/clientState.js'
import { decodeMlsMessage } from 'ts-mls/message.js'
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js'
import { expect } from 'vitest'
import { decoded, each, hex, unhex } from './vectors.ts'

type Hex = string

interface PassiveClient
  extends Record<
    'key_package' | 'signature_priv' | 'encryption_priv' | 'init_priv' | 'welcome' | 'initial_epoch_authenticator',
    Hex
  > {
  cipher_suite: number
  external_psks: { psk_id: Hex; psk: Hex }[]
  ratchet_tree: Hex | null
}

/** Joins by every Welcome of the file and compares the epoch authenticators. Returns how many there were. */
export const passiveClients = (joinGroup: typeof JoinGroup, makePskIndex: typeof MakePskIndex): Promise<number> =>
  each<PassiveClient>('passive-client-welcome', async (v, cs) => {
    const keyPackage = decoded(decodeMlsMessage(unhex(v.key_package), 0))
    const welcome = decoded(decodeMlsMessage(unhex(v.welcome), 0))
    if (keyPackage.wireformat !== 'mls_key_package' || welcome.wireformat !== 'mls_welcome')
      throw new Error('other messages')
    const psks = Object.fromEntries(
      v.external_psks.map(({ psk_id, psk }) => [Buffer.from(psk_id, 'hex').toString('base64'), unhex(psk)]),
    )
    const state = await joinGroup(
      welcome.welcome,
      keyPackage.keyPackage,
      {
        initPrivateKey: unhex(v.init_priv),
        hpkePrivateKey: unhex(v.encryption_priv),
        signaturePrivateKey: unhex(v.signature_priv),
      },
      makePskIndex(undefined, psks),
      cs,
      v.ratchet_tree === null ? undefined : decoded(decodeRatchetTree(unhex(v.ratchet_tree), 0)),
    )
    expect(hex(state.keySchedule.epochAuthenticator)).toBe(v.initial_epoch_authenticator)
  })
