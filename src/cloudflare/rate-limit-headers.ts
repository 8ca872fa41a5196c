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
  const stated = joined(headers.ratelimit)
  if (stated === '') return noLimits
  const policies = policiesOf(joined(headers['ratelimit-policy']))
  const limits: StatedLimit[] = []
  for (const { name, parameters } of listItems(stated)) {
    const { r: remaining, t: resetSeconds } = parameters
    if (remaining === undefined || resetSeconds === undefined) continue
    const { q: quota = null, w: windowSeconds } = (policyOf(name, policies) ?? noPolicy).parameters
    const windowMs = windowSeconds === undefined ? null : Math.min(windowSeconds * 1000, longestWindowMs)
    const resetMs = Math.min(resetSeconds * 1000, longestWindowMs)
    limits.push({ name, remaining, resetMs, quota, windowMs })
  }
  return limits
}

const noLimits: readonly StatedLimit[] = []

function policyOf(name: string, policies: readonly ListItem[]): ListItem | undefined {
  return policies.find((policy) => policy.name === name) ?? (policies.length === 1 ? policies[0] : undefined)
}

// An upstream says the same of its policy in every answer.
let latestPolicies: { readonly header: string; readonly items: readonly ListItem[] } = {
  header: '',
  items: [],
}

function policiesOf(header: string): readonly ListItem[] {
  if (latestPolicies.header !== header) latestPolicies = { header, items: listItems(header) }
  return latestPolicies.items
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

/** The parameters that have a meaning here. */
type Parameters = { r?: number; t?: number; q?: number; w?: number }
type ListItem = { readonly name: string; readonly parameters: Readonly<Parameters> }

const noPolicy: ListItem = { name: '', parameters: {} }
const itemPattern = /(?:"(?:[^"\\]|\\.)*"|[^,"])+/g
const namePattern = /^\s*(?:"(?:[^"\\]|\\.)*"|[^;\s]+)/
const parameterPattern = /;\s*([rtqw])\s*=\s*"?(\d+(?:\.\d+)?)"?/g

function listItems(header: string): readonly ListItem[] {
  const items: ListItem[] = []
  for (const [item] of header.matchAll(itemPattern)) {
    const name = namePattern.exec(item)?.[0]
    if (name === undefined) continue
    const parameters: Parameters = {}
    for (const [, key, value] of item.slice(name.length).matchAll(parameterPattern)) {
      if (key === 'r' || key === 't' || key === 'q' || key === 'w') parameters[key] = Number(value)
    }
    items.push({ name: name.trim(), parameters })
  }
  return items
}

function joined(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(', ') : (header ?? '')
}
