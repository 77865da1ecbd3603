import type { StoreWriter } from '../../domain/store/store.ts'
import type { Core } from '../core.ts'
import type { Told } from '../rooms/told.ts'

/** What follows here, in the same transaction, when a register came from another own device and says something new. */
export type Reaction = (tx: StoreWriter, core: Core, subject: string, told: Told) => Promise<void>
