/** Who listens to what in this process: named sets of listeners that clean up after themselves. */
export class Hub<Listener> {
  readonly #listeners = new Map<string, Set<Listener>>()

  add(name: string, listener: Listener): () => void {
    const set = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, set.add(listener))
    return () => {
      if (set.delete(listener) && set.size === 0) this.#listeners.delete(name)
    }
  }

  /** A snapshot: listeners may leave while they are called. */
  of(name: string): readonly Listener[] {
    const set = this.#listeners.get(name)
    return set ? [...set] : []
  }

  get size(): number {
    return this.#listeners.size
  }
}
