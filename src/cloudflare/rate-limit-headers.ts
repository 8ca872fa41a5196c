import type { ResponseHeaders } from './exchange.ts'

/** One limit that an answer named: calls left, time until it starts anew, and its quota and window where a policy tells them. */
export type StatedLimit = {
  readonly name: string
  readonly remaining: number
  readonly resetMs: number
  readonly quota: number | null
  readonly windowMs: number | null
}

/**
 * Reads `Ratelimit` (`"default";r=50;t=30`) and `Ratelimit-Policy` (`"burst";q=100;w=60`): lists of structured-field
 * items, in which names may differ. What does not parse is left out.
 */
export function statedLimits(headers: ResponseHeaders): readonly StatedLimit[] {
  const policies = listItems(headers['ratelimit-policy'])
  return listItems(headers.ratelimit).flatMap(({ name, parameters }) => {
    const remaining = parameters.get('r')
    const resetSeconds = parameters.get('t')
    if (remaining === undefined || resetSeconds === undefined) return []
    const policy =
      policies.find((candidate) => candidate.name === name) ??
      (policies.length === 1 ? policies[0] : undefined)
    const resetMs = Math.min(resetSeconds * 1000, longestWindowMs)
    const windowSeconds = policy?.parameters.get('w')
    const windowMs = windowSeconds === undefined ? null : Math.min(windowSeconds * 1000, longestWindowMs)
    return [{ name, remaining, resetMs, quota: policy?.parameters.get('q') ?? null, windowMs }]
  })
}

/** `Retry-After` in milliseconds from `nowMs`, given as seconds or as an HTTP date (RFC 9110, section 10.2.3). */
export function retryAfterMs(headers: ResponseHeaders, nowMs: number): number | undefined {
  const text = joined(headers['retry-after']).trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  // Node parses much that is no HTTP date, such as a bare "-1".
  const dateMs = /^[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}

// No documented window is longer than five minutes; a wrong number must not lock a credential out for days.
const longestWindowMs = 3_600_000

type ListItem = { readonly name: string; readonly parameters: ReadonlyMap<string, number> }

function listItems(header: string | string[] | undefined): readonly ListItem[] {
  return [...joined(header).matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g)].flatMap(([item]) => {
    const [name] = item.match(/^\s*(?:"(?:[^"\\]|\\.)*"|[^;\s]+)/) ?? []
    if (name === undefined) return []
    const parameters = item.slice(name.length).matchAll(/;\s*(\w+)\s*=\s*"?(\d+(?:\.\d+)?)"?/g)
    return [
      {
        name: name.trim(),
        parameters: new Map([...parameters].map(([, key = '', value]) => [key, Number(value)])),
      },
    ]
  })
}

function joined(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(', ') : (header ?? '')
}
