import { readdir, readFile } from 'node:fs/promises'
import { Kind, parse, type VariableDefinitionNode } from 'graphql'

/**
 * The first `most` queries of a folder of `.graphql` files, by file name, that need nothing but an account's id: their
 * only required variable, if any, is `$account`. It gets `account` as its default, so that each runs as it stands.
 * A folder that is not there has none.
 */
export async function readExamples(
  directory: URL,
  { account, most }: { readonly account: string; readonly most: number },
): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => [])
  const files = names.filter((name) => name.endsWith('.graphql')).sort()
  const documents = await Promise.all(files.map((name) => readFile(new URL(name, directory), 'utf8')))
  return documents
    .map((document) => withAccount(document, account))
    .filter((document) => document !== undefined)
    .slice(0, most)
}

/** Text and not a printed tree: the comments of an example are half of it. Undefined where it needs more, or writes. */
function withAccount(document: string, account: string): string | undefined {
  const operations = parse(document).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const required: VariableDefinitionNode[] = []
  for (const definition of operations) {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== 'query') return undefined
    required.push(...(definition.variableDefinitions ?? []).filter(isRequired))
  }
  if (required.some(({ variable }) => variable.name.value !== 'account')) return undefined
  return required.reduceRight((text, { type }) => {
    const end = type.loc?.end ?? text.length
    return `${text.slice(0, end)} = ${JSON.stringify(account)}${text.slice(end)}`
  }, document)
}

function isRequired({ type, defaultValue }: VariableDefinitionNode): boolean {
  return type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined
}
