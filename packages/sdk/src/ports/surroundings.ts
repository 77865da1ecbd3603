/** What happens around the program, where the platform tells it. */
export type Happening =
  /** The machine has a network again, or has lost it. */
  | 'online'
  | 'offline'
  /** The page is about to stand still: nothing of it runs until 'resume', and it may be thrown away meanwhile. */
  | 'freeze'
  | 'resume'

export interface Surroundings {
  /** False only where the machine knows that it has no network. */
  readonly online: boolean
  /** Calls `listener` synchronously as things happen; the result ends it. */
  listen(listener: (happening: Happening) => void): () => void
}
