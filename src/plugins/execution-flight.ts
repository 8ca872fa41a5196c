import type { ExecutionResult } from 'graphql'
import type { CallBudget } from '../cost/call-budget.ts'
import { LatePromise } from './late-promise.ts'

type Data = NonNullable<ExecutionResult['data']>

/** An answer for several, and its price in REST calls. */
export type SharedAnswer = {
  readonly estimated: number
  readonly result: ExecutionResult & { stringify(): string }
}

/** A query that is being executed, for those who ask the same meanwhile. Where nobody does, it keeps nothing of what was answered. */
export class ExecutionFlight {
  readonly startedMs: number
  readonly #landed: LatePromise<SharedAnswer | undefined>

  constructor(startedMs: number, whenEnded: () => void) {
    this.startedMs = startedMs
    this.#landed = new LatePromise(whenEnded)
  }

  /** To be asked before it has ended. Undefined where it came to nothing that others could have; never rejects. */
  join(): Promise<SharedAnswer | undefined> {
    return this.#landed.wait()
  }

  /** It was executed; its answer is asked for only where somebody waits. */
  land(answer: () => SharedAnswer): void {
    this.#landed.resolve(this.#landed.isAwaited ? answer() : undefined)
  }

  /** Does nothing where it has landed. */
  fail(): void {
    this.#landed.resolve(undefined)
  }
}

/**
 * What those who joined are answered: the same for all, and written here and now, since Yoga asks an answer how it is to be written, and the
 * data does not last (`useAnswerRelease`).
 */
export function shareAnswer(data: Data, budget: Pick<CallBudget, 'estimated' | 'limit'>): SharedAnswer {
  const { limit } = budget
  const estimated = budget.estimated()
  const shown = { data, extensions: { restCalls: { estimated, made: 0, limit } } }
  const text = JSON.stringify(shown)
  return { estimated, result: { ...shown, stringify: () => text } }
}
