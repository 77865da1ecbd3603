/** Changes to maps that can be taken back, so that a batch in memory is all or nothing. */
export class UndoLog {
  readonly #undo: (() => void)[] = []

  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const held = map.get(key)
    const had = map.has(key)
    map.set(key, value)
    this.#undo.push(() => {
      if (had) map.set(key, held as V)
      else map.delete(key)
    })
  }

  /** A key that comes back by `rollback` stands at the end of the map's order. */
  delete<K, V>(map: Map<K, V>, key: K): void {
    if (!map.has(key)) return
    const held = map.get(key) as V
    map.delete(key)
    this.#undo.push(() => map.set(key, held))
  }

  rollback(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo()
  }
}
