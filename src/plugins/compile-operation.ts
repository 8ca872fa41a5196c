import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isInputObjectType,
  Kind,
  OperationTypeNode,
  type SourceLocation,
  typeFromAST,
  valueFromASTUntyped,
  visit,
} from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'

/** A query as a function; undefined is its answer where it has to be executed in the usual way, and then nothing of it has run. */
export type CompiledOperation = (
  args: Pick<ExecutionArgs, 'rootValue' | 'contextValue' | 'variableValues'>,
) => MaybePromise<ExecutionResult | undefined>

type MaybePromise<T> = T | Promise<T>

/**
 * Compiles a document of one query that was validated; undefined for what compiled code does not do, or does otherwise than graphql-js:
 * mutations and their order; `@skip` and `@include`, which graphql-jit gets wrong where a fragment is spread twice; variables of
 * an input type that holds itself, over which it never ends; and the alias `__proto__`.
 */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
): CompiledOperation | undefined {
  if (!isPlainQuery(schema, document)) return undefined
  const compiled = compileQuery(schema, document)
  if (!isCompiledQuery(compiled)) return undefined
  const defaults = defaultsOf(document)
  return ({ rootValue, contextValue, variableValues }) => {
    const result = compiled.query(rootValue, contextValue, { ...defaults, ...variableValues })
    return isPromise(result)
      ? result.then((settled) => answerOf(settled, document))
      : answerOf(result, document)
  }
}

function isPlainQuery(schema: GraphQLSchema, document: DocumentNode): boolean {
  let isPlain = true
  let operations = 0
  visit(document, {
    [Kind.OPERATION_DEFINITION]({ operation }) {
      operations += 1
      if (operation !== OperationTypeNode.QUERY) isPlain = false
    },
    [Kind.VARIABLE_DEFINITION]({ type }) {
      if (holdsItself(typeFromAST(schema, type))) isPlain = false
    },
    [Kind.FIELD]({ alias }) {
      // In the literals of compiled code it is the prototype.
      if (alias?.value === '__proto__') isPlain = false
    },
    [Kind.DIRECTIVE]() {
      isPlain = false
    },
  })
  return isPlain && operations === 1
}

function holdsItself(type: GraphQLType | undefined, outer: readonly GraphQLNamedType[] = []): boolean {
  const named = type && getNamedType(type)
  if (!isInputObjectType(named)) return false
  if (outer.includes(named)) return true
  return Object.values(named.getFields()).some((field) => holdsItself(field.type, [...outer, named]))
}

// graphql-jit misses a variable that is required and is left to its default.
function defaultsOf(document: DocumentNode): Readonly<Record<string, unknown>> {
  const defaults: Record<string, unknown> = {}
  visit(document, {
    [Kind.VARIABLE_DEFINITION]({ variable, defaultValue }) {
      if (defaultValue !== undefined) defaults[variable.name.value] = valueFromASTUntyped(defaultValue)
    },
  })
  return defaults
}

// Without data it did not run: its variables were refused, which graphql-js explains better.
function answerOf(result: ExecutionResult, document: DocumentNode): ExecutionResult | undefined {
  if (result.data === undefined) return undefined
  if (result.errors === undefined) return result
  return { ...result, errors: result.errors.map((error) => located(error, document)) }
}

/** Errors of compiled code know lines and columns, and no place in the document that another error could be made with. */
function located(error: GraphQLError, { loc }: DocumentNode): GraphQLError {
  const { message, path = null, originalError, locations = [] } = error
  const source = loc?.source ?? null
  const positions = source === null ? null : locations.map((location) => positionOf(source.body, location))
  return new GraphQLError(message, { source, positions, path, originalError: originalError ?? null })
}

function positionOf(body: string, { line, column }: SourceLocation): number {
  const ends = body.matchAll(/\r\n|[\n\r]/g)
  let start = 0
  for (let before = 1; before < line; before += 1) {
    const end = ends.next().value
    if (end !== undefined) start = end.index + end[0].length
  }
  return start + column - 1
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise
}
