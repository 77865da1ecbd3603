/** Structured diagnostics. Fields never hold content, keys, phrases or addresses. */
export interface Log {
  debug(event: string, fields?: Readonly<Record<string, string | number | boolean>>): void
  info(event: string, fields?: Readonly<Record<string, string | number | boolean>>): void
  warn(event: string, fields?: Readonly<Record<string, string | number | boolean>>): void
}
