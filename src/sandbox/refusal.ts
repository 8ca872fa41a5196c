/** One entry of `errors`. The IAM service repeats the HTTP status as the code; the edge in front has codes of its own (quirk 3). */
export type EnvelopeError = {
  readonly code: number
  readonly message: string
  readonly error_chain?: readonly { readonly code: number; readonly message: string }[]
  readonly documentation_url?: string
  readonly source?: { readonly pointer: string }
}

export type RefusalOptions = {
  /** An envelope without `messages` and `result`, where the quirk is on (quirk 2). */
  readonly short?: boolean
  /** Null unless told otherwise: some refusals have `[]` (quirk 3). */
  readonly result?: null | readonly never[]
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that the API refuses: thrown by whoever sees the reason, written as an envelope in one place. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly errors: readonly EnvelopeError[]
  readonly options: RefusalOptions

  constructor(status: number, errors: readonly EnvelopeError[], options: RefusalOptions = {}) {
    super(errors.map((error) => error.message).join('; '))
    this.status = status
    this.errors = errors
    this.options = options
  }
}

/** A refusal of the IAM service: its code is the HTTP status; `pointer` is a JSON pointer into the body. */
export function refuse(status: number, message: string, pointer?: string): Refusal {
  return new Refusal(status, [
    { code: status, message, ...(pointer === undefined ? {} : { source: { pointer } }) },
  ])
}

/** A query parameter out of range (code 6008 with the cause in its chain). */
export function refuseParameter(message: string): Refusal {
  const error_chain = [{ code: 11000, message }]
  return new Refusal(400, [{ code: 6008, message: 'Invalid request parameters', error_chain }])
}

/** Malformed credentials are a 400, not a 401 (code 6003 with the cause in its chain). */
export function refuseHeaders(code: number, message: string): Refusal {
  return new Refusal(400, [
    { code: 6003, message: 'Invalid request headers', error_chain: [{ code, message }] },
  ])
}

/** One code for a bad token, a wrong account and a missing permission (quirk 4). */
export function refuseCredential(message = 'Authentication error', code = 10000): Refusal {
  return new Refusal(403, [{ code, message }], { short: true })
}

/** No such account or path. Both statuses are reported for it: 404 here, 400 with the quirk `unroutableIs400`. */
export function refuseRoute(path: string, status: 400 | 404): Refusal {
  return new Refusal(status, [
    {
      code: 7003,
      message: `Could not route to ${path}, perhaps your object identifier is invalid?`,
    },
    { code: 7000, message: 'No route for that URI' },
  ])
}
