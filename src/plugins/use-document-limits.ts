import {
  type ASTNode,
  type ASTVisitor,
  GraphQLError,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** How large and how nested a document may be. Introspection by the common tools stays well below. */
export type DocumentLimits = {
  /** Levels of fields; a fragment adds none by itself. */
  readonly depth: number
  readonly aliases: number
  readonly directives: number
  /** Words and punctuation, as the parser counts them. */
  readonly tokens: number
}

export const defaultDocumentLimits: DocumentLimits = {
  depth: 16,
  aliases: 100,
  directives: 50,
  tokens: 5_000,
}

/**
 * Refuses documents that are made to be costly before they are priced: what a limit in REST calls does not see. The rule looks at the
 * document alone, so that `_entities` and introspection are held to it like everything else.
 */
export function useDocumentLimits(limits: DocumentLimits = defaultDocumentLimits): Plugin {
  return {
    onParse({ setParseFn, parseFn }) {
      setParseFn((source, options) => {
        try {
          return parseFn(source, { ...options, maxTokens: limits.tokens })
        } catch (error) {
          if (error instanceof GraphQLError && error.message.includes('Parsing aborted')) {
            throw tooComplex(`The document has more than ${limits.tokens} tokens`)
          }
          throw error
        }
      })
    },
    onValidate({ addValidationRule }) {
      addValidationRule((context: ValidationContext) => documentLimitsRule(context, limits))
    },
  }
}

function documentLimitsRule(context: ValidationContext, limits: DocumentLimits): ASTVisitor {
  let aliases = 0
  let directives = 0
  return {
    Field(node) {
      if (node.alias === undefined) return
      aliases += 1
      if (aliases === limits.aliases + 1) {
        context.reportError(tooComplex(`The document has more than ${limits.aliases} aliases`, node))
      }
    },
    Directive(node) {
      directives += 1
      if (directives === limits.directives + 1) {
        context.reportError(tooComplex(`The document has more than ${limits.directives} directives`, node))
      }
    },
    OperationDefinition(node) {
      const depth = depthOf(node.selectionSet, context, new Map())
      if (depth > limits.depth) {
        context.reportError(
          tooComplex(`The operation is ${depth} levels deep; ${limits.depth} are allowed`, node),
        )
      }
    },
  }
}

// `known` holds each fragment's depth, or 0 while it is being measured: a cycle is another rule's error.
function depthOf(
  selectionSet: SelectionSetNode | undefined,
  context: ValidationContext,
  known: Map<string, number>,
): number {
  let deepest = 0
  for (const selection of selectionSet?.selections ?? []) {
    deepest = Math.max(
      deepest,
      selection.kind === 'Field'
        ? 1 + depthOf(selection.selectionSet, context, known)
        : spreadDepth(selection),
    )
  }
  return deepest

  function spreadDepth(
    selection: Exclude<SelectionSetNode['selections'][number], { kind: 'Field' }>,
  ): number {
    if (selection.kind === 'InlineFragment') return depthOf(selection.selectionSet, context, known)
    const name = selection.name.value
    const measured = known.get(name)
    if (measured !== undefined) return measured
    known.set(name, 0)
    const depth = depthOf(context.getFragment(name)?.selectionSet, context, known)
    known.set(name, depth)
    return depth
  }
}

function tooComplex(message: string, node?: ASTNode): GraphQLError {
  return new GraphQLError(message, { nodes: node ?? null, extensions: { code: 'QUERY_TOO_COMPLEX' } })
}
