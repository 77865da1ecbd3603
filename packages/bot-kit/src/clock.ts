import { systemClock as createSystemClock } from '@dchat/sdk/node'

/** Real time. Its timers do not keep a process alive. */
export const systemClock = createSystemClock()
