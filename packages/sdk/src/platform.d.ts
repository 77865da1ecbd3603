/**
 * The globals that the core may use: the small set that Node ≥ 20 and every browser share.
 * The core compiles without Node's and the DOM's types, so nothing else can slip in.
 */
interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
declare const AbortSignal: { any(signals: readonly AbortSignal[]): AbortSignal }
declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
declare class TextEncoder {
  encode(text: string): Uint8Array
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes: Uint8Array): string
}
declare class URL {
  constructor(url: string, base?: string)
  readonly protocol: string
  readonly host: string
  readonly hostname: string
  readonly pathname: string
  readonly search: string
  readonly hash: string
  readonly href: string
  readonly username: string
  readonly password: string
}
declare function structuredClone<T>(value: T): T
declare function queueMicrotask(task: () => void): void
declare const crypto: { getRandomValues<T extends Uint8Array>(array: T): T }
/** Node's, since 20.16; pages have none. */
declare var process:
  | { getBuiltinModule?(name: 'node:crypto'): { hash?(name: 'sha256', bytes: Uint8Array, as: 'buffer'): Uint8Array } }
  | undefined
