import { type ConstDirectiveNode, Kind, parse } from 'graphql'

const parsed = new Map<string, readonly ConstDirectiveNode[]>()

/** Directives as a definition holds them; the same text gives the same nodes. */
export function parseDirectives(text: string): readonly ConstDirectiveNode[] {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const [definition] = parse(`scalar Any ${text}`, { noLocation: true }).definitions
  const directives = definition?.kind === Kind.SCALAR_TYPE_DEFINITION ? (definition.directives ?? []) : []
  parsed.set(text, directives)
  return directives
}
