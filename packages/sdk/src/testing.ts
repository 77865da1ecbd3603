// For those who write an adapter: what its port promises, as tests for vitest.

export { type StorageWorld, storageConformance } from './testing/storage-conformance.ts'
export { type TransportWorld, transportConformance } from './testing/transport-conformance.ts'
