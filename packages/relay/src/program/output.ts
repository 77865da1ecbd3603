/** Where a command speaks: data as JSON lines to stdout, talk to stderr. */
export interface Output {
  data(line: object): void
  say(line: string): void
}
