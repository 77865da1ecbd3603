import {
  type AttachedBlob,
  approveCommit,
  attachedHash,
  bodyHash,
  type EntryUpload,
  encodeCommitFrame,
  type Params,
  signCommitFrame,
  topicIdOf,
  utf8,
} from '@dchat/sdk/wire'
import { testCrypto } from './crypto.ts'

const random = testCrypto.random

/** A topic as its members see it: seeds of topic keys by epoch, and uploads that a relay accepts. */
export interface TestTopic {
  readonly id: Uint8Array
  readonly nonce: Uint8Array
  /** By epoch. */
  seed(epoch: number): Uint8Array
  key(epoch: number): Promise<Uint8Array>
  create(): Promise<NonNullable<Params<'topic.publish'>['create']>>
  message(epoch: number, text?: string, reference?: Uint8Array): EntryUpload
  commit(
    epoch: number,
    options?: {
      removes?: boolean
      attach?: readonly AttachedBlob[]
      reference?: Uint8Array
      nextKey?: Uint8Array
      signer?: Uint8Array
      commitKey?: Uint8Array | null
      /** Seed of the key that approves it. */
      approver?: Uint8Array
    },
  ): Promise<EntryUpload>
}

export const testTopic = async (): Promise<TestTopic> => {
  const seeds = new Map<number, Uint8Array>()
  const seed = (epoch: number): Uint8Array => {
    const held = seeds.get(epoch) ?? random(32)
    seeds.set(epoch, held)
    return held
  }
  const key = (epoch: number) => testCrypto.ed25519.publicKey(seed(epoch))
  const nonce = random(16)
  const id = topicIdOf(await key(0), nonce)
  return {
    id,
    nonce,
    seed,
    key,
    create: async () => ({ nonce, key: await key(0), epoch: 0 }),
    message: (epoch, text = 'x', reference = random(16)) => ({
      kind: 'application',
      epoch,
      reference,
      body: utf8(text),
    }),
    commit: async (epoch, options = {}) => {
      const { removes = false, attach = [], reference = random(16), nextKey, signer, commitKey, approver } = options
      const body = random(64)
      const frame = await signCommitFrame(testCrypto, signer ?? seed(epoch), {
        topic: id,
        epoch,
        commit: bodyHash(body),
        nextKey: nextKey ?? (await key(epoch + 1)),
        removes,
        attached: attach.map((blob) => ({ id: blob.id, hash: attachedHash(blob.body) })),
        bind: random(32),
        ...(commitKey === undefined ? {} : { commitKey }),
      })
      const encoded = encodeCommitFrame(frame)
      const approval = approver === undefined ? {} : { approval: await approveCommit(testCrypto, approver, encoded) }
      return { kind: 'commit', epoch, reference, body, frame: encoded, ...approval }
    },
  }
}
