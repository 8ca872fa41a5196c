import { type ASTNode, GraphQLError } from 'graphql'

/** The refusal of an operation that is larger than a limit: `QUERY_TOO_COMPLEX`, before anything of it has run. `message` names the limit. */
export function queryTooComplex(message: string, node?: ASTNode): GraphQLError {
  return new GraphQLError(message, { nodes: node ?? null, extensions: { code: 'QUERY_TOO_COMPLEX' } })
}
