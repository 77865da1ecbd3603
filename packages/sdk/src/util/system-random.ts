/** Bytes from the platform's cryptographic source, which Node and browsers name alike. */
export const systemRandom = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
