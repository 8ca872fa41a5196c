import { type DestinationStream, type Logger, pino } from 'pino'

/**
 * Logs one JSON object a line, to standard output unless told otherwise. Nothing passes it whole request or response
 * objects: headers, and so credentials, never get here.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: createTimestamp() }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** The time as pino writes it, put into words once a millisecond. */
function createTimestamp(): () => string {
  let lastMs = Number.NaN
  let text = ''
  return () => {
    const nowMs = Date.now()
    if (nowMs !== lastMs) {
      lastMs = nowMs
      text = `,"time":"${new Date(nowMs).toISOString()}"`
    }
    return text
  }
}
