import type { GroupEngine } from './engine.ts'
import { type GroupEngineOptions, groupEngineWith } from './group-engine.ts'
import * as judging from './judging.ts'

export type { GroupEngineOptions } from './group-engine.ts'

/** The whole engine at once: see `groupEngineWith`. */
export const createGroupEngine = (options: GroupEngineOptions): GroupEngine =>
  groupEngineWith(async () => judging, options)
