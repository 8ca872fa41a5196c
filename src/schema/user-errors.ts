import { CloudflareError, type UpstreamFault } from '../cloudflare/errors.ts'
import { builder } from './builder.ts'
import { type ExpectedId, type GlobalId, readId } from './global-id.ts'

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'What kind of fault it is, for programs.',
  values: {
    INVALID: {
      description: 'The input is malformed or breaks a rule; nothing was sent, or the upstream refused it.',
    },
    NOT_FOUND: {
      description: 'The object, or one that the input refers to, does not exist or is not visible.',
    },
    CONFLICT: {
      description: "The object's present state does not allow this, such as a name that is taken.",
    },
    FORBIDDEN: { description: 'The credentials are valid but may not do this.' },
  } as const,
})

/** One thing about an input that the caller can mend. */
export type UserErrorShape = {
  readonly code: 'INVALID' | 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN'
  readonly message: string
  readonly field: readonly string[] | null
  readonly upstreamCode: number | null
  readonly documentationUrl: string | null
}

export const UserError = builder.objectRef<UserErrorShape>('UserError').implement({
  description:
    'What the caller can mend: the input was refused, the object is not there, it is in a state that does not allow this. Faults that the caller cannot mend (credentials, rate limit, upstream down) are GraphQL errors.',
  fields: (t) => ({
    code: t.expose('code', {
      type: UserErrorCode,
      nullable: false,
      description: 'What kind of fault it is.',
    }),
    message: t.exposeString('message', {
      nullable: false,
      description: 'For a person; where the upstream refused, in its words.',
    }),
    field: t.stringList({
      nullable: { list: true, items: false },
      description:
        'Path into the input, such as ["policies", "0", "access"]; null where no part of the input is to blame.',
      resolve: ({ field }) => field,
    }),
    upstreamCode: t.exposeInt('upstreamCode', {
      description: "The upstream's own error code, where the upstream refused.",
    }),
    documentationUrl: t.exposeString('documentationUrl', {
      description: 'Where the upstream explains it, if it says so.',
    }),
  }),
})

/** Collects all that can be seen to be wrong with an input before anything is sent. */
export type InputCheck = {
  readonly errors: readonly UserErrorShape[]
  /** `field` is null where the input as a whole is to blame. */
  add(field: readonly (string | number)[] | null, message: string): void
  /** Reads an id; undefined, and one fault more, where it is not what the place takes. */
  id(text: string, field: readonly (string | number)[], expected: ExpectedId): GlobalId | undefined
  /** Whether a list of the input is short enough to be read; adds a fault where it is not. */
  atMost(most: number, list: readonly unknown[], field: readonly (string | number)[]): boolean
  /** Adds a fault where a text is blank. */
  notBlank(text: string, field: readonly (string | number)[]): void
}

/** A check that has found nothing yet. */
export function createInputCheck(): InputCheck {
  const errors: UserErrorShape[] = []
  const add: InputCheck['add'] = (field, message) => {
    errors.push(userError('INVALID', message, field))
  }
  return {
    errors,
    add,
    id(text, field, expected) {
      const read = readId(text, expected)
      if (typeof read !== 'string') return read
      add(field, `${field.join('.')} ${read}`)
      return undefined
    },
    atMost(most, list, field) {
      if (list.length <= most) return true
      add(field, `${field.join('.')} must name at most ${most}, not ${list.length}`)
      return false
    },
    notBlank(text, field) {
      if (text.trim() === '') add(field, `${field.join('.')} must not be empty`)
    },
  }
}

/** A fault that this gateway found. */
export function userError(
  code: UserErrorShape['code'],
  message: string,
  field: readonly (string | number)[] | null,
): UserErrorShape {
  return { code, message, field: field?.map(String) ?? null, upstreamCode: null, documentationUrl: null }
}

/** Where in the input a refusal belongs. Paths begin at the input's own fields. */
export type RefusalPlace = {
  /**
   * For a refusal that points nowhere itself: told from what it says, null where it could be about anything.
   */
  readonly fieldOf: (code: UserErrorShape['code'], message: string) => readonly string[] | null
  /**
   * What the segments of a JSON pointer into the upstream's body stand for; by default each of them in
   * camelCase.
   */
  readonly ofPointer?: (segments: readonly string[]) => readonly string[]
  /** Messages of other refusals that mean that something was not there. */
  readonly notFound?: RegExp
}

/**
 * A failed write as `userErrors`, where the caller can mend it; undefined where it is a fault of another kind
 * (credentials, rate limit, upstream down) or leaves open what was done, which stays a GraphQL error. Known
 * texts are classified, messages kept: codes are reused for unrelated things (quirk 4).
 */
export function userErrorsOf(error: unknown, place: RefusalPlace): readonly UserErrorShape[] | undefined {
  // "Refused" would be read as "not done", and an earlier attempt of the same write may have been.
  if (!(error instanceof CloudflareError) || error.mayHaveHappened) return undefined
  const { kind } = error
  const isForbiddenAction =
    kind === 'forbidden' && !error.errors.some((fault) => authenticationCodes.has(fault.code ?? 0))
  if (kind !== 'refused' && kind !== 'not-found' && !(isForbiddenAction && error.errors.length > 0))
    return undefined
  const faults = error.errors.length > 0 ? error.errors : [{ message: error.message, chain: [] }]
  return faults.map((fault) => {
    const code = codeOf(kind, fault, place)
    const message = [fault.message, ...fault.chain.map((cause) => cause.message)].join(': ')
    return {
      code,
      message,
      field: fieldOfPointer(fault, place) ?? place.fieldOf(code, message),
      upstreamCode: fault.code ?? null,
      documentationUrl: fault.documentationUrl ?? null,
    }
  })
}

// With these, 403 means the credential, and nothing in the input is to blame.
const authenticationCodes = new Set([9103, 9106, 9109, 10000, 10001])

function codeOf(
  kind: CloudflareError['kind'],
  fault: UpstreamFault,
  { notFound }: RefusalPlace,
): UserErrorShape['code'] {
  if (kind === 'forbidden') return 'FORBIDDEN'
  // A taken name answers 400, not 409 (quirk 33).
  if (/already in use/i.test(fault.message)) return 'CONFLICT'
  if (kind === 'not-found' || /not found/i.test(fault.message) || notFound?.test(fault.message))
    return 'NOT_FOUND'
  return 'INVALID'
}

function fieldOfPointer(fault: UpstreamFault, { ofPointer }: RefusalPlace): readonly string[] | undefined {
  const segments = (fault.pointer ?? '').split(/[/.]/).filter((segment) => segment !== '' && segment !== '#')
  if (segments.length === 0) return undefined
  return ofPointer === undefined ? segments.map(camelCase) : ofPointer(segments)
}

// The name of an upstream body field in this API: `email_domain` becomes `emailDomain`.
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
