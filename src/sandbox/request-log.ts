/** One request as it reached the sandbox. */
export type LoggedRequest = {
  /** Counts from 1, in the order of arrival. */
  readonly number: number
  readonly method: string
  /** As sent, with the query, below `/client/v4`. */
  readonly path: string
  /** The status that was answered; null while nothing was, or never will be. */
  readonly status: number | null
  /** Short hash of the credential, `none` without one. */
  readonly credential: string
  /** Request headers in lower case; those that hold credentials are left out. */
  readonly headers: Readonly<Record<string, string>>
  /** The request body: parsed where it is JSON, text where it is not, null where there is none. */
  readonly body: unknown
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Until the answer was ready; null while it is not. */
  readonly durationMs: number | null
  /** A fault decided the answer, or a part of it. */
  readonly faulted: boolean
  /** The client hung up before it had the whole answer. */
  readonly clientGone: boolean
}

/** An entry while its request is under way. */
export type LogEntry = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] }

export type RequestLog = {
  open(request: Pick<LoggedRequest, 'method' | 'path' | 'credential' | 'headers'>): LogEntry
  list(): readonly LoggedRequest[]
  clear(): void
}

const secretHeaders = new Set([
  'authorization',
  'x-auth-key',
  'x-auth-email',
  'cookie',
  'proxy-authorization',
])

/** Keeps the last `capacity` requests: an embedded sandbox may run for days. */
export function createRequestLog(capacity = 20_000): RequestLog {
  let entries: LogEntry[] = []
  let opened = 0
  return {
    open(request) {
      opened += 1
      const entry: LogEntry = {
        ...request,
        number: opened,
        status: null,
        body: null,
        startedAt: performance.timeOrigin + performance.now(),
        durationMs: null,
        faulted: false,
        clientGone: false,
      }
      entries.push(entry)
      if (entries.length > 2 * capacity) entries = entries.slice(-capacity)
      return entry
    },
    list: () => entries.slice(-capacity),
    clear() {
      entries = []
      opened = 0
    },
  }
}

/** The headers that may be kept. */
export function loggableHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !secretHeaders.has(name)) kept[name] = String(value)
  return kept
}
