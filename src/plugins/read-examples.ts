import { readdir, readFile } from 'node:fs/promises'
import { Kind, type OperationDefinitionNode, parse } from 'graphql'

/** An operation to learn from. */
export type Example = {
  /** Of the file, without its number and its ending: `paging`. */
  readonly name: string
  /** What it teaches, in a line. */
  readonly heading: string
  /** Text and not a printed tree: the comments of an example are half of it. */
  readonly query: string
  /** Text of a JSON object; empty where there are none. */
  readonly variables: string
}

/**
 * The examples of a folder, by file name, each with the variables of the `.variables.json` beside it and the account in `$account`.
 * The ids in those files are the sandbox's: without `sandboxAccount` what writes or needs more than an account is left out, and the
 * account is for the reader to fill in. A folder that is not there has none.
 */
export async function readExamples(directory: URL, sandboxAccount?: string): Promise<readonly Example[]> {
  const names: readonly string[] = await readdir(directory).catch(() => [])
  const documents = names.filter((name) => name.endsWith('.graphql')).sort()
  const examples = await Promise.all(
    documents.map(async (document) => {
      const query = await readFile(new URL(document, directory), 'utf8')
      const beside = document.replace(/graphql$/, 'variables.json')
      const text = names.includes(beside) ? await readFile(new URL(beside, directory), 'utf8') : '{}'
      const operations = parse(query).definitions.filter(
        (definition) => definition.kind === Kind.OPERATION_DEFINITION,
      )
      if (sandboxAccount === undefined && !operations.every(needsAnAccountAtMost)) return undefined
      const account = operations.some(takesAccount)
        ? { account: sandboxAccount ?? 'the id of your account' }
        : {}
      const variables = { ...JSON.parse(text), ...account }
      return {
        name: document.replace(/^\d+-|\.graphql$/g, ''),
        heading: query.slice(0, query.indexOf('\n')).replace(/^# */, ''),
        query,
        variables: Object.keys(variables).length === 0 ? '' : JSON.stringify(variables, undefined, 2),
      }
    }),
  )
  return examples.filter((example) => example !== undefined)
}

function takesAccount({ variableDefinitions = [] }: OperationDefinitionNode): boolean {
  return variableDefinitions.some(({ variable }) => variable.name.value === 'account')
}

function needsAnAccountAtMost({ operation, variableDefinitions = [] }: OperationDefinitionNode): boolean {
  return (
    operation === 'query' &&
    variableDefinitions.every(
      ({ variable, type, defaultValue }) =>
        variable.name.value === 'account' || type.kind !== Kind.NON_NULL_TYPE || defaultValue !== undefined,
    )
  )
}
