/** A cryptographic random source; in simulations, a seeded one. */
export interface Random {
  bytes(length: number): Uint8Array
}
