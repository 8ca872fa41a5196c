import type { Context } from '../context.ts'

/**
 * What this request already has or is fetching under `key`, else what `create` gives. Keys begin with the
 * account's tag and the kind of record (`<account tag>/user_groups…`), and one key always holds the same
 * type.
 */
export function remember<T>({ memory }: Pick<Context, 'memory'>, key: string, create: () => T): T {
  if (!memory.has(key)) memory.set(key, create())
  return memory.get(key) as T
}

/**
 * Runs a write in an account. All that this request has read of the account is forgotten, so that what
 * follows is read afresh: records come embedded in others, and a write that failed may have happened all the
 * same.
 */
export async function changeAccount<T>(
  context: Context,
  accountTag: string,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write()
  } finally {
    const { memory } = context
    for (const key of memory.keys()) if (key.startsWith(`${accountTag}/`)) memory.delete(key)
  }
}
