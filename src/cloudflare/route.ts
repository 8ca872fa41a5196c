/** A REST path with its values filled in, and the template that it was made from. */
export type Route = { readonly template: string; readonly path: string }

/** A value that must not enter a REST path. The message names the parameter and never the value. */
export class InvalidPathParameter extends TypeError {
  override readonly name = 'InvalidPathParameter'
}

/**
 * Fills the `{name}` segments of a template with tags, which need no encoding.
 * Throws `InvalidPathParameter` for a value that is not a tag: the upstream takes anything into a path, and an
 * empty or slashed id is another route there (quirk 11). Throws `TypeError` where template and names do not match.
 */
export function route(template: string, parameters: Readonly<Record<string, string>>): Route {
  const { start, places } = placesOf(template)
  let path = start
  for (const { name, rest } of places) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (value === undefined) throw new TypeError(`${template} needs the path parameter ${name}`)
    if (!isTag(value)) throw new InvalidPathParameter(`${name} is not 32 hexadecimal characters`)
    path += value + rest
  }
  const given = Object.keys(parameters)
  if (given.length > places.length) {
    const unused = given.filter((one) => !places.some(({ name }) => name === one))
    throw new TypeError(`${template} has no place for ${unused.join(', ')}`)
  }
  return { template, path }
}

/** The places of a template with the text behind each. */
type Places = {
  readonly start: string
  readonly places: readonly { readonly name: string; readonly rest: string }[]
}

// Templates are written in this folder, some thirty of them.
const known = new Map<string, Places>()

function placesOf(template: string): Places {
  let places = known.get(template)
  if (places === undefined) {
    const [start = '', ...parts] = template.split(/\{([^{}]*)\}/)
    const named = parts.flatMap((name, index) =>
      index % 2 === 0 ? [{ name, rest: parts[index + 1] ?? '' }] : [],
    )
    places = { start, places: named }
    known.set(template, places)
  }
  return places
}

/** Whether the value has the shape of Cloudflare's identifiers: exactly 32 hexadecimal characters. */
export function isTag(value: string): boolean {
  return /^[0-9a-f]{32}$/i.test(value)
}
