import { randomBytes, randomUUID } from 'node:crypto'
import { importPeer, installPeer } from './install.mjs'

const NAME = '@signalapp/libsignal-client'
const PACKAGES = {
  [NAME]: {
    version: '0.103.0',
    integrity: 'sha512-eTPT0ebDsoriIjeMjuB882H51UpFXnWDIu43VX0uBSM6iryKmCa0zxabncrS6xG0KJqAc+Modjkhk0nk+w2k+A==',
    dependencies: { 'node-gyp-build': '^4.8.0', 'type-fest': '^4.26.0' },
  },
  'node-gyp-build': {
    version: '4.8.4',
    integrity: 'sha512-LA4ZjwlnUblHVgq0oBF3Jl/6h/Nvs5fzBLwdEF4nuxnFdsfajde4WfxtJr3CaiH+F6ewcIB/q4jQ4UzPyid+CQ==',
  },
  'type-fest': {
    version: '4.41.0',
    integrity: 'sha512-TeTSQ6H5YHvpqVwBRcnLDCBnDOHWYu7IvGbHT6N8AOymcr9PJGjc1GTtiWZTYg0NCgYwvnYWEkVChQAr9bjfwA==',
  },
}

/** Everything that a session needs to remember, in maps: no storage stands between the figures. */
const storesOf = (signal, key, registrationId) => {
  const maps = { session: new Map(), identity: new Map(), pre: new Map(), signed: new Map(), kyber: new Map() }
  const text = (address) => `${address.name()}.${address.deviceId()}`
  class Sessions extends signal.SessionStore {
    saveSession = async (name, record) => void maps.session.set(text(name), record)
    getSession = async (name) => maps.session.get(text(name)) ?? null
    getExistingSessions = async (names) => names.map((name) => maps.session.get(text(name)))
  }
  class Identities extends signal.IdentityKeyStore {
    getIdentityKey = async () => key
    getLocalRegistrationId = async () => registrationId
    saveIdentity = async (name, value) => {
      maps.identity.set(text(name), value)
      return signal.IdentityChange.NewOrUnchanged
    }
    isTrustedIdentity = async () => true
    getIdentity = async (name) => maps.identity.get(text(name)) ?? null
  }
  class PreKeys extends signal.PreKeyStore {
    savePreKey = async (id, record) => void maps.pre.set(id, record)
    getPreKey = async (id) => maps.pre.get(id)
    removePreKey = async (id) => void maps.pre.delete(id)
  }
  class SignedPreKeys extends signal.SignedPreKeyStore {
    saveSignedPreKey = async (id, record) => void maps.signed.set(id, record)
    getSignedPreKey = async (id) => maps.signed.get(id)
  }
  class KyberPreKeys extends signal.KyberPreKeyStore {
    saveKyberPreKey = async (id, record) => void maps.kyber.set(id, record)
    getKyberPreKey = async (id) => maps.kyber.get(id)
    markKyberPreKeyUsed = async () => undefined
  }
  class SenderKeys extends signal.SenderKeyStore {
    #keys = new Map()
    saveSenderKey = async (sender, id, record) => void this.#keys.set(`${text(sender)} ${id}`, record)
    getSenderKey = async (sender, id) => this.#keys.get(`${text(sender)} ${id}`) ?? null
  }
  return {
    sessions: new Sessions(),
    identities: new Identities(),
    pre: new PreKeys(),
    signed: new SignedPreKeys(),
    kyber: new KyberPreKeys(),
    senderKeys: new SenderKeys(),
  }
}

const personOf = (signal, name, registrationId) => {
  const key = signal.PrivateKey.generate()
  const address = signal.ProtocolAddress.new(name, 1)
  return { key, address, registrationId, ...storesOf(signal, key, registrationId) }
}

/** Publishes one key of each kind for a person and gives the bundle that others start from. */
const bundleOf = async (signal, { key, registrationId, pre, signed, kyber }) => {
  const [one, two, three] = [signal.PrivateKey.generate(), signal.PrivateKey.generate(), signal.KEMKeyPair.generate()]
  const signature = key.sign(two.getPublicKey().serialize())
  const kyberSignature = key.sign(three.getPublicKey().serialize())
  await pre.savePreKey(1, signal.PreKeyRecord.new(1, one.getPublicKey(), one))
  await signed.saveSignedPreKey(1, signal.SignedPreKeyRecord.new(1, Date.now(), two.getPublicKey(), two, signature))
  await kyber.saveKyberPreKey(1, signal.KyberPreKeyRecord.new(1, Date.now(), three, kyberSignature))
  return signal.PreKeyBundle.new(
    registrationId,
    1,
    1,
    one.getPublicKey(),
    1,
    two.getPublicKey(),
    signature,
    key.getPublicKey(),
    1,
    three.getPublicKey(),
    kyberSignature,
  )
}

const encrypt = async (signal, from, to, plaintext) =>
  (await signal.signalEncrypt(plaintext, to.address, from.address, from.sessions, from.identities)).serialize()

const decrypt = (signal, from, to, bytes) =>
  signal.signalDecrypt(signal.SignalMessage.deserialize(bytes), from.address, to.address, to.sessions, to.identities)

/** Two people whose session has gone both ways, so that no message carries the first contact any more. */
const meet = async (signal) => {
  const [alice, bob] = [personOf(signal, randomUUID(), 1), personOf(signal, randomUUID(), 2)]
  const bundle = await bundleOf(signal, bob)
  await signal.processPreKeyBundle(bundle, bob.address, alice.address, alice.sessions, alice.identities)
  await signal.signalDecryptPreKey(
    signal.PreKeySignalMessage.deserialize(await encrypt(signal, alice, bob, randomBytes(16))),
    alice.address,
    bob.address,
    bob.sessions,
    bob.identities,
    bob.pre,
    bob.signed,
    bob.kyber,
  )
  await decrypt(signal, bob, alice, await encrypt(signal, bob, alice, randomBytes(16)))
  return { alice, bob }
}

/**
 * The Double Ratchet of libsignal (with its post-quantum ratchet), and its sender keys for groups, in this process.
 * @type {import('../runner.mjs').Peer & { names: Record<string, string> }}
 */
export const libsignal = {
  name: `libsignal ${PACKAGES[NAME].version}`,
  names: {
    oneWay: 'libsignal, one way',
    pingPong: 'libsignal, ping-pong',
    senderKey: 'libsignal, sender key',
  },
  open: async (size) => {
    const signal = await importPeer(await installPeer(NAME, 'dist/index.js', PACKAGES))
    const plaintext = randomBytes(256)
    const runs = size === 'quick' ? 5 : 2000
    const warmup = size === 'quick' ? 1 : 200
    const [oneWay, pingPong, group] = [await meet(signal), await meet(signal), await meet(signal)]
    const distribution = randomUUID()
    const distributed = await signal.SenderKeyDistributionMessage.create(
      group.alice.address,
      distribution,
      group.alice.senderKeys,
    )
    await signal.processSenderKeyDistributionMessage(group.alice.address, distributed, group.bob.senderKeys)
    let sent = 0
    const travel = async (from, to) => {
      const bytes = await encrypt(signal, from, to, plaintext)
      sent = bytes.length
      await decrypt(signal, from, to, bytes)
    }
    let grouped = 0
    return [
      { name: libsignal.names.oneWay, runs, warmup, run: () => travel(oneWay.alice, oneWay.bob), bytes: () => sent },
      {
        name: libsignal.names.pingPong,
        runs,
        warmup,
        per: 2,
        run: async () => {
          await travel(pingPong.alice, pingPong.bob)
          await travel(pingPong.bob, pingPong.alice)
        },
      },
      {
        name: libsignal.names.senderKey,
        runs,
        warmup,
        run: async () => {
          const { alice, bob } = group
          const message = await signal.groupEncrypt(alice.address, distribution, alice.senderKeys, plaintext)
          const bytes = message.serialize()
          grouped = bytes.length
          await signal.groupDecrypt(alice.address, bob.senderKeys, bytes)
        },
        bytes: () => grouped,
      },
    ]
  },
}
