/** Everything that can wait takes one of these as its last argument. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined
}
