import { DchatError, equalBytes, linkProofBytes } from '@dchat/sdk/wire'
import { nameOf } from '../platform.ts'
import type { Handlers } from './handler.ts'

/** Possession of keys. A topic key counts if the topic has had it, or to open a topic that does not exist yet. */
export const proofHandlers: Pick<Handlers, 'link.prove'> = {
  'link.prove': async ({ kind, subject, publicKey, signature }, { relay, challenge, proofs, proved }) => {
    if (kind === 'device' && !equalBytes(subject, publicKey))
      throw new DchatError('relay/not-permitted', { what: 'a device is its own key' })
    const statement = linkProofBytes(relay.relayKey, challenge, kind, subject)
    if (!(await relay.crypto.ed25519.verify(publicKey, statement, signature)))
      throw new DchatError('crypto/bad-signature', { what: 'proof' })
    if (kind === 'device') {
      proofs.addDevice(subject)
      return {}
    }
    const epoch = await relay.store.topicKeyEpoch(subject, publicKey)
    if (epoch === undefined && (await relay.store.topic(subject)))
      throw new DchatError('relay/not-permitted', { what: 'the topic never had this key' })
    proofs.addTopicKey(subject, publicKey, epoch)
    proved(nameOf(subject))
    return {}
  },
}
