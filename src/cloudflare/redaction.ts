/** Takes every part of a credential out of a text. */
export type Redact = (text: string) => string

/**
 * For texts that come from the wire: an upstream may echo what it was sent. Covers each header value whole, and the
 * token after `Bearer`, as they are and as a URL has them; parts under six characters are left, they would match
 * ordinary words.
 */
export function createRedactor(headers: Readonly<Record<string, string>>): Redact {
  let secrets: readonly string[] | undefined
  return (text) => {
    secrets ??= secretsOf(headers)
    return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
  }
}

function secretsOf(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(headers)
    .flatMap((value) => [value, ...value.split(/\s+/)])
    .filter((part) => part.length >= 6 && part.toLowerCase() !== 'bearer')
    .flatMap((part) => [part, encodeURIComponent(part)])
    .sort((a, b) => b.length - a.length)
}

/** A cause to hang on an error of ours. */
export type WireCause = Error & { readonly code?: string }

/**
 * What a wire failure says, without what it holds: errors of undici and Node can carry sockets and pieces of traffic,
 * and those of several addresses tried at once say nothing by themselves.
 */
export function wireCause(error: Error, redact: Redact): WireCause {
  const said = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : error.message
  const cause = new Error(redact(said))
  cause.name = error.name
  const code = codeOf(error)
  return code === undefined ? cause : Object.assign(cause, { code })
}

/** The `code` of an error of Node or undici, such as ECONNREFUSED. */
export function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
