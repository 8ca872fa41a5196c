import { crc32 } from 'node:zlib'

const places = 4_096

/**
 * What is under way, by name, where it does no harm not to find it: each name has one place, which the latest has. No map: each time V8 makes
 * a new table for one through which objects pass, the old table keeps those of that moment until a full garbage collection.
 */
export class FlightTable<Flight> {
  readonly #entries: ({ readonly name: string; readonly flight: Flight } | undefined)[] = new Array(
    places,
  ).fill(undefined)

  get(name: string): Flight | undefined {
    const entry = this.#entries[placeOf(name)]
    return entry?.name === name ? entry.flight : undefined
  }

  set(name: string, flight: Flight): void {
    this.#entries[placeOf(name)] = { name, flight }
  }

  /** Does nothing where the place is another's by now. */
  remove(name: string, flight: Flight): void {
    const place = placeOf(name)
    if (this.#entries[place]?.flight === flight) this.#entries[place] = undefined
  }
}

function placeOf(name: string): number {
  return crc32(name) % places
}
