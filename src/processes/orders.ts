/** What a worker is started with, as JSON on its command line. Nothing secret is in it: any user of the machine can read that. */
export type Assignment = {
  /** How many serve on this machine. */
  readonly processes: number
  /** The sandbox that the supervisor runs for all of them; undefined where they serve the REST API. */
  readonly sandbox: { readonly baseUrl: string; readonly account: string } | undefined
}

/**
 * What the supervisor tells a worker: `unready`, all are about to stop, and balancers should know; `leave`, the others take over;
 * `drain`, nobody does.
 */
export type Order = 'unready' | 'leave' | 'drain'

/** What a worker tells where it cannot start. */
export type StartFailure = { readonly startFailure: string }

const flag = '--worker'

/** The arguments of a worker's command line. */
export function workerArguments(assignment: Assignment): string[] {
  return [flag, JSON.stringify(assignment)]
}

/** What the arguments of a command line assign; undefined where they are not those of a worker. */
export function readAssignment(args: readonly string[]): Assignment | undefined {
  const [first, assignment] = args
  return first === flag && assignment !== undefined ? (JSON.parse(assignment) as Assignment) : undefined
}

/** Whether a message between processes says why a worker cannot start. */
export function isStartFailure(message: unknown): message is StartFailure {
  return typeof message === 'object' && message !== null && 'startFailure' in message
}
