/** Reads in flight, shared by those who ask for the same thing meanwhile. */
export type SingleFlight<T> = {
  /**
   * Joins the flight of this key, or starts one. Everyone who joined gets its answer or its failure. A waiter whose
   * signal aborts leaves at once with the signal's reason; the flight's own signal aborts when the last one has left.
   */
  join(key: string, signal: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>): Joined<T>
  /** From now on nobody joins a flight that started before. */
  startEpoch(): void
}

/** `leader` is whether this caller started the flight. */
export type Joined<T> = { readonly leader: boolean; readonly answer: Promise<T> }

type Flight<T> = { readonly answer: Promise<T>; readonly abort: AbortController; waiters: number }

/** Keeps nothing beyond a flight's end. */
export function createSingleFlight<T>(): SingleFlight<T> {
  let flights = new Map<string, Flight<T>>()

  function launch(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const epoch = flights
    const abort = new AbortController()
    const answer = start(abort.signal)
    const flight: Flight<T> = { answer, abort, waiters: 0 }
    epoch.set(key, flight)
    const ended = () => land(epoch, key, flight)
    answer.then(ended, ended)
    return flight
  }

  function join(
    key: string,
    signal: AbortSignal | undefined,
    start: (signal: AbortSignal) => Promise<T>,
  ): Joined<T> {
    const present = flights.get(key)
    const flight = present ?? launch(key, start)
    flight.waiters += 1
    const epoch = flights
    const leave = () => {
      flight.waiters -= 1
      if (flight.waiters > 0) return
      land(epoch, key, flight)
      flight.abort.abort()
    }
    return { leader: present === undefined, answer: untilAborted(flight.answer, signal, leave) }
  }

  return {
    join,
    startEpoch() {
      flights = new Map()
    },
  }
}

function land<T>(epoch: Map<string, Flight<T>>, key: string, flight: Flight<T>): void {
  if (epoch.get(key) === flight) epoch.delete(key)
}

function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined, leave: () => void): Promise<T> {
  if (signal === undefined) return answer
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      leave()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const stay = () => signal.removeEventListener('abort', onAbort)
    answer.then(
      (value) => {
        stay()
        resolve(value)
      },
      (error) => {
        stay()
        reject(error)
      },
    )
  })
}
