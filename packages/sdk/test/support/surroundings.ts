import type { Happening, Surroundings } from '../../src/ports/surroundings.ts'

/** Surroundings in which the test lets things happen. */
export class HandSurroundings implements Surroundings {
  online = true
  readonly #listeners = new Set<(happening: Happening) => void>()

  get listeners(): number {
    return this.#listeners.size
  }

  listen(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** `online` follows what is told. */
  happen(happening: Happening): void {
    if (happening === 'online' || happening === 'offline') this.online = happening === 'online'
    for (const listener of [...this.#listeners]) listener(happening)
  }
}
