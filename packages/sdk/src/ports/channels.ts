/** Messages among the programs of one origin: what one posts reaches all others on the channel, in order. */
export interface Channel {
  /** Plain data that survives `structuredClone`. */
  post(message: unknown): void
  /** Calls `listener` with each message that others post from now on; the result ends it. */
  listen(listener: (message: unknown) => void): () => void
  close(): void
}

export interface Channels {
  open(name: string): Channel
}
