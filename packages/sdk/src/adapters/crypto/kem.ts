/** A key encapsulation mechanism of HPKE (RFC 9180 4). Keys are handles that only their own KEM understands. */
export interface Kem<Public = unknown, Private = unknown> {
  /** Its number in HPKE's registry. */
  readonly id: number
  importPublic(raw: Uint8Array): Public | Promise<Public>
  importPrivate(raw: Uint8Array): Private | Promise<Private>
  exportPublic(key: Public): Uint8Array | Promise<Uint8Array>
  exportPrivate(key: Private): Uint8Array | Promise<Uint8Array>
  generate(): Pair<Public, Private> | Promise<Pair<Public, Private>>
  derive(ikm: Uint8Array): Pair<Public, Private> | Promise<Pair<Public, Private>>
  encap(key: Public): Encapsulated | Promise<Encapsulated>
  decap(key: Private, enc: Uint8Array): Uint8Array | Promise<Uint8Array>
}

export interface Pair<Public, Private> {
  readonly publicKey: Public
  readonly privateKey: Private
}

export interface Encapsulated {
  readonly secret: Uint8Array
  readonly enc: Uint8Array
}

export type RandomBytes = (length: number) => Uint8Array
