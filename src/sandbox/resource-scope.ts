import { z } from 'zod'
import { refuse } from './refusal.ts'

const keySchema = z.string().min(1, 'a scope key must not be empty')

/** A scope as it is written: a container and at least one object in it (quirk 29). */
export const scopeSchema = z.object({
  key: keySchema,
  objects: z.array(z.object({ key: keySchema })).min(1, 'a scope needs at least one object'),
})

/** Throws a `Refusal` where a scope names another account; how the real API words it is not recorded. */
export function checkScope(scope: z.output<typeof scopeSchema>, accountId: string, pointer: string): void {
  const prefix = 'com.cloudflare.api.account.'
  const [, namedAccount] = /^com\.cloudflare\.api\.account\.([0-9a-f]{32})$/.exec(scope.key) ?? []
  if (!scope.key.startsWith(prefix) || (namedAccount !== undefined && namedAccount !== accountId))
    throw refuse(400, `scope key ${scope.key} is not a resource of this account`, `${pointer}/key`)
}
