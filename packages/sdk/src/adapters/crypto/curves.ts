/** The two curves of dchat as far as platforms have them. Keys, seeds and points are 32 raw bytes. */
export interface Ed25519 {
  sign(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array>
  /** Rejects or is false for what is no signature. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

export interface X25519 {
  publicKey(privateKey: Uint8Array): Promise<Uint8Array>
  /** The point that both halves lead to (RFC 7748 6.1). Rejects for a point of small order. */
  shared(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array>
}
