import { Kind, parse } from 'graphql'

/** The names of the operations in documents that were checked before. */
export function operationNames(manifest: ReadonlyMap<string, string>): ReadonlySet<string> {
  const names = [...manifest.values()].flatMap((document) =>
    parse(document, { noLocation: true }).definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? definition.name?.value : undefined,
    ),
  )
  return new Set(names.filter((name) => name !== undefined))
}
