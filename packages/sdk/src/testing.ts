// For those who write an adapter: what its port promises, as tests for vitest.
export { transportConformance, type TransportWorld } from './testing/transport-conformance.ts'
