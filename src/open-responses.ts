import type { ServerResponse } from 'node:http'

/**
 * The responses that are not closed yet. Not a `Set`: each time V8 makes a new table for one through which objects pass, the old table keeps
 * those of that moment and leads to the new one, so that half of them would stay with all that they hold until a full collection.
 */
export class OpenResponses {
  private readonly places: (ServerResponse | undefined)[] = []
  private readonly freePlaces: number[] = []

  /** Keeps it until it is closed. */
  add(response: ServerResponse): void {
    const place = this.freePlaces.pop() ?? this.places.length
    this.places[place] = response
    response.once('close', () => {
      this.places[place] = undefined
      this.freePlaces.push(place)
    })
  }

  all(): ServerResponse[] {
    return this.places.filter((response) => response !== undefined)
  }

  size(): number {
    return this.places.length - this.freePlaces.length
  }
}
