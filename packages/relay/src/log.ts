import type { Log } from '@dchat/sdk/wire'
import { type DestinationStream, pino } from 'pino'

export const LOG_LEVELS = ['silent', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/**
 * JSON lines on `destination` (stderr by default), without worker threads. What is logged are event names, counts,
 * error codes and times; callers never pass content, addresses, topic ids or network addresses.
 */
export const pinoLog = (level: LogLevel, destination: DestinationStream = pino.destination(2)): Log => {
  const logger = pino(
    { level, base: { service: 'dchat-relay' }, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  )
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
  }
}

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }
