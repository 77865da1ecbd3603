import type { Log } from '../../ports/log.ts'

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }
