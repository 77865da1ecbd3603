export { dexieStorage } from './adapters/storage/dexie.ts'
export type { Storage } from './ports/storage.ts'
