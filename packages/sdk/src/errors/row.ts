/** What the table says about one code. `exit` is the CLI's exit code (reference: docs/errors.md). */
export interface ErrorRow<Details> {
  readonly retryable: boolean
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10
  /** One sentence: what happened. */
  readonly describe: (details: Details) => string
  /** One sentence: what the user can do. */
  readonly remedy: string
}
