import type { Context } from 'hono'
import type { z } from 'zod'
import { Refusal } from './refusal.ts'
import type { SandboxEnv } from './world.ts'

/** The largest request body that is read; what the real limit is, is not recorded. */
export const maxBodyBytes = 1_048_576

/** The request body by its schema. Throws a `Refusal` with one entry for each mistake and a pointer to it. */
export async function readBody<T>(context: Context<SandboxEnv>, schema: z.ZodType<T>): Promise<T> {
  // The wrong type and broken JSON: codes of the edge in front of the API, not recorded for these paths.
  if (!/^application\/json\b/i.test(context.req.header('content-type') ?? ''))
    throw new Refusal(415, [{ code: 9207, message: "Content-type must be 'application/json'." }])
  const parsed = schema.safeParse(parseJson(await context.req.text()))
  if (parsed.success) return parsed.data
  throw new Refusal(
    400,
    parsed.error.issues.map(({ path, message }) => ({
      code: 400,
      message,
      source: { pointer: path.map((step) => `/${String(step)}`).join('') },
    })),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, [{ code: 6007, message: 'Malformed JSON in request body' }])
  }
}
