/** A place of the platform that keeps secrets: a keyring, a hardware module, a service. Its errors come through as causes. */
export interface Keystore {
  /** At most 4 KiB, which only this keystore turns back. */
  wrap(key: Uint8Array): Promise<Uint8Array>
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>
}
