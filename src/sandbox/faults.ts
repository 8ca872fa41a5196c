import { z } from 'zod'
import { rateLimitCode } from './rate-limit.ts'

const stepObjectSchema = z
  .strictObject({
    /** Answer with this in place of the API. */
    status: z.int().min(200).max(599).optional(),
    /** Text as it is, anything else as JSON. */
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    /** Milliseconds before anything else happens. */
    delayMs: z.int().min(0).max(600_000).optional(),
    hang: z.enum(['before-headers', 'mid-body']).optional(),
    /** Break the connection and do nothing. */
    reset: z.literal(true).optional(),
    /** Announce the whole body, send half of it, close. */
    truncate: z.literal(true).optional(),
    /** Let the API answer, after the delay and with the headers of this step. */
    passThrough: z.literal(true).optional(),
    /** Let the API act, then break the connection in place of the answer. */
    applyThenReset: z.literal(true).optional(),
  })
  .refine((step) => Object.keys(step).length > 0, 'an empty step does nothing')
  .refine(
    ({ hang, reset, truncate, applyThenReset }) =>
      [hang, reset, truncate, applyThenReset].filter((end) => end !== undefined).length <= 1,
    'hang, reset, truncate and applyThenReset exclude each other',
  )
  .refine(
    ({ status, body, passThrough, applyThenReset }) =>
      (status === undefined && body === undefined) || (passThrough ?? applyThenReset) === undefined,
    'a status or body cannot stand beside passThrough or applyThenReset',
  )

const stepSchema = z.union([
  z
    .int()
    .refine(
      (status) => status === 200 || status === rateLimitCode || (status >= 400 && status <= 599),
      'a bare number is 200 (handled as usual), a status from 400 to 599, or 971 (the rate limit, beside HTTP 200)',
    ),
  stepObjectSchema,
])

const faultSchema = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Za-z]+$/, 'a method such as GET')
    .transform((method) => method.toUpperCase())
    .optional(),
  path: z.string().regex(/^[/*]/, 'a path below /client/v4: begins with / or *'),
  respond: z.array(stepSchema).min(1),
  repeat: z.boolean().optional(),
})

/** The body of `POST /__sandbox/faults`. */
export const faultsSchema = z.strictObject({ faults: z.array(faultSchema) })

/** A fault as it is written: which requests it meets, and what they get, one step a request. */
export type Fault = z.input<typeof faultSchema>
export type FaultStep = z.output<typeof stepSchema>

export type Faults = {
  /** Replaces all faults. Throws a `ZodError` that names the place of a mistake. */
  set(faults: readonly Fault[]): void
  /** What is left of them. */
  list(): readonly Fault[]
  /** Takes the next step for a request from the first fault that meets it and has one left; `path` has the query. */
  take(method: string, path: string): FaultStep | undefined
}

export function createFaults(): Faults {
  let active: { readonly fault: z.output<typeof faultSchema>; readonly pattern: RegExp; taken: number }[] = []
  return {
    set(faults) {
      active = faultsSchema
        .parse({ faults })
        .faults.map((fault) => ({ fault, pattern: compilePath(fault.path), taken: 0 }))
    },
    list: () =>
      active.map(({ fault, taken }) =>
        fault.repeat === true ? fault : { ...fault, respond: fault.respond.slice(taken) },
      ),
    take(method, path) {
      const [bare = path] = path.split('?')
      const hit = active.find(
        ({ fault, pattern, taken }) =>
          (fault.method === undefined || fault.method === method) &&
          pattern.test(fault.path.includes('?') ? path : bare) &&
          (fault.repeat === true || taken < fault.respond.length),
      )
      if (hit === undefined) return undefined
      const step = hit.fault.respond[hit.taken % hit.fault.respond.length]
      hit.taken += 1
      return step
    },
  }
}

/** `*` stands for any characters, slashes too; a path without `?` is met whatever the query. */
function compilePath(path: string): RegExp {
  const literals = path.split('*').map((part) => part.replace(/[.?+^${}()|[\]\\/-]/g, '\\$&'))
  return new RegExp(`^${literals.join('.*')}$`)
}
