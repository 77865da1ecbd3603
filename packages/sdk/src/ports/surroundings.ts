/** What happens around the program, where the platform tells it. */
export type Happening =
  /** The machine has a network again, or has lost it. */
  | 'online'
  | 'offline'
  /** The page is about to stand still: nothing of it runs until 'resume', and it may be thrown away meanwhile. */
  | 'freeze'
  | 'resume'
  /** Somebody looks at the page again; while it was hidden, it may have run slowly or not at all. */
  | 'visible'

/** None of it is proof: a network that is said to be there may lead nowhere, and one that is said to be lost may work. */
export interface Surroundings {
  /** False only where the machine believes that it has no network. */
  readonly online: boolean
  /** Calls `listener` synchronously as things happen; the result ends it. */
  listen(listener: (happening: Happening) => void): () => void
}
