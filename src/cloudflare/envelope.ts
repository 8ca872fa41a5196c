import type { ResultInfo } from './client.ts'
import type { PartSource } from './deferred-part.ts'
import type { UpstreamFault } from './errors.ts'
import { isObject, type JsonObject, parseJson, textOf } from './json.ts'
import { parseDeferring } from './parse-deferring.ts'
import type { Redact } from './redaction.ts'

/** An answer's body as far as it can be believed; a body that is empty or `null` is an envelope with nothing in it. */
export type Envelope = {
  readonly success: boolean | undefined
  readonly faults: readonly UpstreamFault[]
  /** Undefined where the body has no `result`, as that of `begin_verification` (quirk 43). */
  readonly result: unknown
  readonly info: ResultInfo | undefined
  /** What of the records in `result` is left to be read. */
  readonly parts?: PartSource | undefined
}

const infoNames = [
  ['page', 'page'],
  ['perPage', 'per_page'],
  ['count', 'count'],
  ['totalCount', 'total_count'],
  ['totalPages', 'total_pages'],
] as const
const mostFaults = 20
const longestMessage = 1_000

/** Which lists of the records in an answer are left as they came until somebody reads them, and what is thrown where one is none. */
export type Deferral = { readonly names: readonly string[]; readonly broken: () => Error }

/**
 * Undefined for what is no JSON object: HTML, truncated JSON, a bare list. Every key may be missing (quirks 2 to 5).
 * The texts of faults are redacted, and cut only then: half a secret is one too.
 */
export function decodeEnvelope(body: Buffer, redact: Redact, deferral?: Deferral): Envelope | undefined {
  const outline = deferral && parseDeferring(body, deferral.names, deferral.broken)
  const value = outline?.value ?? parsedWhole(body)
  if (value === null) return { success: undefined, faults: [], result: undefined, info: undefined }
  if (!isObject(value)) return undefined
  return {
    success: typeof value.success === 'boolean' ? value.success : undefined,
    faults: listOf(value.errors)
      .slice(0, mostFaults)
      .flatMap((entry) => faultOf(entry, (text) => redact(text).slice(0, longestMessage))),
    result: value.result,
    info: infoOf(value.result_info),
    parts: outline?.parts,
  }
}

function parsedWhole(body: Buffer): unknown {
  const text = withoutMark(textOf(body))
  return text.trim() === '' ? null : parseJson(text)
}

/** JSON.parse refuses a byte order mark. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function faultOf(entry: unknown, tidy: Redact): UpstreamFault[] {
  if (typeof entry === 'string') return [{ message: tidy(entry), chain: [] }]
  if (!isObject(entry)) return []
  const source = isObject(entry.source) ? entry.source : {}
  return [
    {
      ...codeAndMessage(entry, tidy),
      ...optional('documentationUrl', entry.documentation_url, tidy),
      ...optional('pointer', source.pointer, tidy),
      chain: listOf(entry.error_chain)
        .slice(0, mostFaults)
        .filter(isObject)
        .map((link) => codeAndMessage(link, tidy)),
    },
  ]
}

function codeAndMessage(entry: JsonObject, tidy: Redact): { code?: number; message: string } {
  const message = typeof entry.message === 'string' ? tidy(entry.message) : ''
  const code = numberOf(entry.code)
  return code === undefined ? { message } : { code, message }
}

function optional<Key extends string>(
  key: Key,
  value: unknown,
  tidy: Redact,
): { readonly [K in Key]?: string } {
  const text: { [K in Key]?: string } = {}
  if (typeof value === 'string') text[key] = tidy(value)
  return text
}

function infoOf(value: unknown): ResultInfo | undefined {
  if (!isObject(value)) return undefined
  const info: { -readonly [Name in keyof ResultInfo]: ResultInfo[Name] } = {}
  for (const [name, wireName] of infoNames) {
    const number = numberOf(value[wireName])
    if (number !== undefined && number >= 0) info[name] = number
  }
  return info
}

// Some services send their numbers as strings.
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return value === null || value === undefined ? [] : [value]
}
