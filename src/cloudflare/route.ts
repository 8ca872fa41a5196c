/** A REST path with its values filled in, and the template that it was made from. */
export type Route = { readonly template: string; readonly path: string }

/** A value that must not enter a REST path. The message names the parameter and never the value. */
export class InvalidPathParameter extends TypeError {
  override readonly name = 'InvalidPathParameter'
}

/**
 * Fills the `{name}` segments of a template with percent-encoded tags.
 * Throws `InvalidPathParameter` for a value that is not a tag: the upstream takes anything into a path, and an
 * empty or slashed id is another route there (quirk 11). Throws `TypeError` where template and names do not match.
 */
export function route(template: string, parameters: Readonly<Record<string, string>>): Route {
  const unused = new Set(Object.keys(parameters))
  const path = template.replace(/\{([^{}]*)\}/g, (_segment, name: string) => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (value === undefined) throw new TypeError(`${template} needs the path parameter ${name}`)
    if (!isTag(value)) throw new InvalidPathParameter(`${name} is not 32 hexadecimal characters`)
    unused.delete(name)
    return encodeURIComponent(value)
  })
  if (unused.size > 0) throw new TypeError(`${template} has no place for ${[...unused].join(', ')}`)
  return { template, path }
}

/** Whether the value has the shape of Cloudflare's identifiers: exactly 32 hexadecimal characters. */
export function isTag(value: string): boolean {
  return /^[0-9a-f]{32}$/i.test(value)
}
