/** What the commits of others take. */

export { apply } from './apply.ts'
export { judge } from './judge.ts'
