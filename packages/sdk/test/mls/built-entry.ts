/** What the tests and the benchmarks of the built files need of the inside. It is built beside the public entries and shares their chunks. */
export { joinGroup, makePskIndex } from 'ts-mls/clientState.js'
export { nodeMlsPrimitives } from '../../src/adapters/crypto/mls-node.ts'
export { nodeCrypto } from '../../src/adapters/crypto/node.ts'
export { createGroupEngine } from '../../src/protocol/mls/create-group-engine.ts'
export { handleOf, innerOf } from '../../src/protocol/mls/group.ts'
