import { type DestinationStream, type Logger, pino } from 'pino'

/**
 * Logs one JSON object a line, to standard output unless told otherwise. Nothing passes it whole request or response
 * objects: headers, and so credentials, never get here.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  return destination === undefined ? pino(options) : pino(options, destination)
}
