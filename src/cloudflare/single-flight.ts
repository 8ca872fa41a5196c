import { Cancellation } from './cancellation.ts'

/** Somebody who waits for the answer of a flight. One of the two is called, once, unless the waiter has left. */
export type Waiter<T> = {
  land(answer: T): void
  fail(error: unknown): void
}

/** Reads in flight, shared by those who ask for the same thing meanwhile. Nothing is kept beyond a flight's end. */
export class SingleFlight<T> {
  // None where nothing is in flight: thousands of credentials have one of these each.
  private flights: Map<string, Flight<T>> | undefined
  private epochs = 0

  /** The flight of this key that others wait for already. */
  get(key: string): Flight<T> | undefined {
    return this.flights?.get(key)
  }

  /** A new flight, which others may join until it ends. */
  open(key: string): Flight<T> {
    this.flights ??= new Map()
    const flight = new Flight<T>(this, key)
    this.flights.set(key, flight)
    return flight
  }

  /** Grows with every epoch. */
  epoch(): number {
    return this.epochs
  }

  /** From now on nobody joins a flight that started before. */
  startEpoch(): void {
    this.epochs += 1
    this.flights = undefined
  }

  /** A flight has ended; one of an earlier epoch is not among these any more. */
  forget(key: string, flight: Flight<T>): void {
    if (this.flights?.get(key) !== flight) return
    this.flights.delete(key)
    if (this.flights.size === 0) this.flights = undefined
  }
}

/** One read in flight, and those who wait for it. To end it is to call `land` or `fail`. */
export class Flight<T> implements Waiter<T> {
  /** Cancelled when the last waiter has left. */
  readonly cancellation = new Cancellation()
  private readonly all: SingleFlight<T>
  private readonly key: string
  // Mostly, nobody joins.
  private waiters: readonly Waiter<T>[] = []

  constructor(all: SingleFlight<T>, key: string) {
    this.all = all
    this.key = key
  }

  join(waiter: Waiter<T>): void {
    this.waiters = this.waiters.length === 0 ? [waiter] : [...this.waiters, waiter]
  }

  /** The waiter hears nothing more of it. The last one to leave ends the flight. */
  leave(waiter: Waiter<T>): void {
    this.waiters = this.waiters.filter((other) => other !== waiter)
    if (this.waiters.length > 0) return
    this.end()
    this.cancellation.cancel()
  }

  land(answer: T): void {
    this.end()
    for (const waiter of this.waiters) waiter.land(answer)
  }

  fail(error: unknown): void {
    this.end()
    for (const waiter of this.waiters) waiter.fail(error)
  }

  private end(): void {
    this.all.forget(this.key, this)
  }
}
