import { setImmediate } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { remember } from './request-cache.ts'

/** Counts a read as under way until it has ended, under a key as `remember` takes it; answers the read. */
export function countRead<T>(context: Context, key: string, read: Promise<T>): Promise<T> {
  const reads = readsOf(context, key)
  const ended = () => reads.delete(read)
  reads.add(read)
  read.then(ended, ended)
  return read
}

/** Waits until no read that was counted under a key is under way, and what the last one led to has been asked for. */
export async function whenNoneUnderWay(context: Context, key: string): Promise<void> {
  const reads = readsOf(context, key)
  do {
    await Promise.allSettled(reads)
    await setImmediate()
  } while (reads.size > 0)
}

function readsOf(context: Context, key: string): Set<Promise<unknown>> {
  return remember(context, `${key}#underWay`, () => new Set())
}
