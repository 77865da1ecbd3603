/**
 * Primitives that differ between Node and browsers. Hashes, HMAC and HKDF are synchronous and portable
 * (`util/hash.ts`), and so is tweetnacl; everything here may be asynchronous because WebCrypto is.
 */
export interface Crypto {
  readonly random: (length: number) => Uint8Array
  /** Ed25519 (RFC 8032). `seed` has 32 bytes, signatures 64. */
  readonly ed25519: {
    publicKey(seed: Uint8Array): Promise<Uint8Array>
    sign(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array>
    /** Never throws for bad input: false. */
    verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>
  }
  /** AES-256-GCM with 12-byte nonces and 16-byte tags appended. `open` rejects with `crypto/cannot-decrypt`. */
  readonly aead: {
    seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Promise<Uint8Array>
    open(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Promise<Uint8Array>
  }
  /**
   * HPKE base mode (RFC 9180) with X-Wing, HKDF-SHA256 and AES-256-GCM: sealed boxes to an intro or archive key.
   * Sealed form: enc (1120 bytes) ‖ ciphertext. `open` rejects with `crypto/cannot-decrypt`.
   */
  readonly box: {
    /** Deterministic key pair from a 32-byte seed. `publicKey` has 1216 bytes; `secret` is the seed itself. */
    publicKey(seed: Uint8Array): Promise<Uint8Array>
    seal(publicKey: Uint8Array, plaintext: Uint8Array, info: Uint8Array): Promise<Uint8Array>
    open(seed: Uint8Array, sealed: Uint8Array, info: Uint8Array): Promise<Uint8Array>
  }
  /** argon2id (RFC 9106), 32 bytes out. `memory` in KiB. */
  argon2id(passphrase: Uint8Array, salt: Uint8Array, cost: { memory: number; passes: number }): Promise<Uint8Array>
  /** The implementation of an MLS cipher suite; opaque here, understood by `protocol/mls`. */
  readonly mls: MlsPrimitives
}

/** What `protocol/mls` asks of the platform; the engine gives it its shape. */
export interface MlsPrimitives {
  /** @internal Returns ts-mls' `CiphersuiteImpl`. */
  suite(name: string): Promise<unknown>
}

/** What checks signatures and makes none. */
export interface Verifier {
  readonly ed25519: Pick<Crypto['ed25519'], 'verify'>
}
