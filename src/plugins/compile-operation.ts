import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isInputObjectType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type SourceLocation,
  typeFromAST,
  valueFromASTUntyped,
  visit,
} from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'
import { createLeafCoercion } from './coerce-leaves.ts'

/** A query as a function. */
export type CompiledOperation = (
  args: Pick<ExecutionArgs, 'rootValue' | 'contextValue' | 'variableValues'>,
) => MaybePromise<ExecutionResult | Unanswered>

/**
 * Why an operation has to be executed in the usual way: its variables are refused, and nothing of it has run; or it has run, and a leaf is
 * not at hand or not of its type.
 */
export type Unanswered = 'refused' | 'not at hand'

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
  // graphql-jit writes down for each leaf where it is, in case it should fail, and that is most of what it does. So leaves are coerced
  // here, in one pass over the answer.
  const options = { disableLeafSerialization: true }
  const compiled = readingInPlace(schema, () => compileQuery(schema, document, '', options))
  if (!isCompiledQuery(compiled)) return undefined
  const defaults = defaultsOf(document)
  const coerceLeaves = createLeafCoercion(schema, document)
  const answerOf = (result: ExecutionResult): ExecutionResult | Unanswered => {
    // Without data it did not run: its variables were refused, which graphql-js explains better.
    if (result.data === undefined) return 'refused'
    if (result.data !== null && !coerceLeaves(result.data)) return 'not at hand'
    if (result.errors === undefined) return result
    return { ...result, errors: result.errors.map((error) => located(error, document)) }
  }
  return ({ rootValue, contextValue, variableValues }) => {
    const result = compiled.query(rootValue, contextValue, { ...defaults, ...variableValues })
    return isPromise(result) ? result.then(answerOf) : answerOf(result)
  }
}

type Resolvable = { resolve?: GraphQLFieldResolver<unknown, unknown> | undefined }

/**
 * Runs `compile` while fields that can be read in place have no resolver: graphql-jit looks for one when it compiles, all of which it does
 * at once, and a resolver costs several closures for each object.
 */
function readingInPlace<T>(schema: GraphQLSchema, compile: () => T): T {
  const resolvers = new Map<Resolvable, GraphQLFieldResolver<unknown, unknown> | undefined>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      if (field.extensions.isInPlace === true) resolvers.set(field, field.resolve)
    }
  }
  try {
    for (const field of resolvers.keys()) field.resolve = undefined
    return compile()
  } finally {
    for (const [field, resolve] of resolvers) field.resolve = resolve
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
