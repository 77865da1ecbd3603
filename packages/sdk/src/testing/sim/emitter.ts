type Listener = (...values: never[]) => void

/** Listeners by event, as both kinds of sockets have them. */
export class Emitter {
  readonly #listeners = new Map<string, { readonly call: Listener; readonly once: boolean }[]>()

  add(event: string, call: Listener, once = false): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), { call, once }])
  }

  emit(event: string, ...values: unknown[]): void {
    const all = this.#listeners.get(event) ?? []
    if (all.some(({ once }) => once))
      this.#listeners.set(
        event,
        all.filter(({ once }) => !once),
      )
    for (const { call } of all) call(...(values as never[]))
  }
}
