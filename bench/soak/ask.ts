import type { Caller } from './callers.ts'

/** What came of one operation. */
export type Asked = {
  /** By which the gateway logs it. */
  readonly requestId: string
  /** Null where there is none; undefined where the caller left. */
  readonly data: Readonly<Record<string, unknown>> | null | undefined
  readonly errors: readonly AskedError[]
  readonly extensions: Readonly<Record<string, unknown>>
}

export type AskedError = {
  readonly path?: readonly (string | number)[]
  readonly message: string
  readonly extensions: Readonly<Record<string, unknown>>
}

/** Sends an operation, and leaves before its answer where `leaveAfterMs` says so. */
export type Ask = (
  document: string,
  variables: Readonly<Record<string, unknown>>,
  leaveAfterMs?: number,
) => Promise<Asked>

/** What all callers count together. */
export type Tally = {
  readonly latenciesMs: number[]
  readonly outcomes: Map<string, number>
  readonly findings: string[]
  /** Walks through all user groups page by page, and those that did not meet a row of their worker, with what they met. */
  walks: number
  readonly gaps: string[]
  /** What was told of objects that were then not found, by name. */
  readonly notMade: Map<string, string>
}

/** Nothing takes longer than an operation's deadline and what a loaded machine adds. */
const longestMs = 10_000

/** How one caller asks. Whatever comes back is searched for secrets and for accounts that are not the caller's. */
export function createAsk(options: {
  readonly url: string
  /** Begins the ids of its requests. */
  readonly name: string
  readonly caller: Caller
  readonly mark: string
  /** Must be in no answer. */
  readonly foreignAccount: string
  readonly tally: Tally
}): Ask {
  const { url, name, caller, mark, foreignAccount, tally } = options
  let asked = 0

  return async (document, variables, leaveAfterMs) => {
    const leave = AbortSignal.timeout(leaveAfterMs ?? longestMs)
    const startedMs = performance.now()
    asked += 1
    const requestId = `${name}.${asked}`
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': requestId, ...caller.headers },
        body: JSON.stringify({ query: document, variables }),
        signal: leave,
      })
      const text = await response.text()
      tally.latenciesMs.push(performance.now() - startedMs)
      if (response.status >= 500) tally.findings.push(`${caller.name} got status ${response.status}: ${text}`)
      if (text.includes(mark)) tally.findings.push(`a secret in an answer to ${caller.name}: ${text}`)
      if (text.includes(foreignAccount) && !JSON.stringify(variables).includes(foreignAccount)) {
        tally.findings.push(`another account in an answer to ${caller.name}: ${text}`)
      }
      return count({ requestId, data: null, errors: [], extensions: {}, ...JSON.parse(text) })
    } catch (error) {
      if (!leave.aborted || leaveAfterMs === undefined) {
        tally.findings.push(`${caller.name} got no answer to ${document.slice(0, 80)}: ${error}`)
      }
      add('left')
      return { requestId, data: undefined, errors: [], extensions: {} }
    }
  }

  function count(asked: Asked): Asked {
    const codes = new Set(asked.errors.map(({ extensions }) => String(extensions.code)))
    for (const code of codes.size === 0 ? ['none'] : codes) add(code)
    if (codes.has('INTERNAL_SERVER_ERROR'))
      tally.findings.push(`a fault of the gateway's own: ${JSON.stringify(asked)}`)
    return asked
  }

  function add(outcome: string): void {
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1)
  }
}
