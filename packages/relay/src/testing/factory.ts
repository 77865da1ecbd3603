import type { Store } from '../store/store.ts'

/** How a suite gets at a store. Each `open` is a new, empty one. */
export interface RelayStoreFactory {
  open(): Promise<Store>
  /** The same content through a new handle; what was committed on the old one must be there. */
  reopen(store: Store): Promise<Store>
  /** The same, as after a crash: the old handle was never closed. Left out by stores that cannot be abandoned in-process. */
  crash?(store: Store): Promise<Store>
}

/** For `await using`. */
export const disposable = <T extends { close(): Promise<void> }>(store: T): T & AsyncDisposable =>
  Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
