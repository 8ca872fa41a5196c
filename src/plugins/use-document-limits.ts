import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  type InlineFragmentNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { queryTooComplex } from './query-too-complex.ts'

/** How large and how nested a document may be. Introspection by the common tools stays well below. */
export type DocumentLimits = {
  /** Characters: comments and texts are no tokens of their own. */
  readonly length: number
  /** Levels of fields; a fragment adds none by itself. */
  readonly depth: number
  /** Fields that an operation selects, those of a fragment counted wherever it is spread: fragments in fragments multiply. */
  readonly fields: number
  readonly aliases: number
  readonly directives: number
  /** Words and punctuation, as the parser counts them. */
  readonly tokens: number
}

export const defaultDocumentLimits: DocumentLimits = {
  length: 128 * 1024,
  depth: 16,
  fields: 1_000,
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
    onParse({ params, setParseFn, parseFn }) {
      // Before any cache is asked: such a document is not worth a place in one.
      if (params.source.toString().length > limits.length)
        throw queryTooComplex(`The document has more than ${limits.length} characters`)
      setParseFn((source, options) => {
        try {
          return parseFn(source, { ...options, maxTokens: limits.tokens })
        } catch (error) {
          if (error instanceof GraphQLError && error.message.includes('Parsing aborted')) {
            throw queryTooComplex(`The document has more than ${limits.tokens} tokens`)
          }
          // The parser calls itself for every level of a value or a type.
          if (error instanceof RangeError) throw queryTooComplex('The document is nested too deeply')
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
        context.reportError(queryTooComplex(`The document has more than ${limits.aliases} aliases`, node))
      }
    },
    Directive(node) {
      directives += 1
      if (directives === limits.directives + 1) {
        context.reportError(
          queryTooComplex(`The document has more than ${limits.directives} directives`, node),
        )
      }
    },
    OperationDefinition(node) {
      const { depth, fields } = measure(node.selectionSet, context, new Map())
      if (depth > limits.depth) {
        context.reportError(
          queryTooComplex(`The operation is ${depth} levels deep; ${limits.depth} are allowed`, node),
        )
      }
      if (fields > limits.fields) {
        const message = `The operation has more than ${limits.fields} fields, those of a fragment counted wherever it is spread`
        context.reportError(queryTooComplex(message, node))
      }
    },
  }
}

type Extent = { readonly depth: number; readonly fields: number }

const nothing: Extent = { depth: 0, fields: 0 }

// `known` holds each fragment's extent, or nothing while it is being measured: a cycle is another rule's error.
function measure(
  selectionSet: SelectionSetNode | undefined,
  context: ValidationContext,
  known: Map<string, Extent>,
): Extent {
  let depth = 0
  let fields = 0
  for (const selection of selectionSet?.selections ?? []) {
    const extent =
      selection.kind === 'FragmentSpread' ? ofFragment(selection.name.value) : ofSelection(selection)
    depth = Math.max(depth, extent.depth)
    fields += extent.fields
  }
  return { depth, fields }

  function ofSelection(selection: FieldNode | InlineFragmentNode): Extent {
    const inner = measure(selection.selectionSet, context, known)
    return selection.kind === 'Field' ? { depth: inner.depth + 1, fields: inner.fields + 1 } : inner
  }

  function ofFragment(name: string): Extent {
    const measured = known.get(name)
    if (measured !== undefined) return measured
    known.set(name, nothing)
    const extent = measure(context.getFragment(name)?.selectionSet, context, known)
    known.set(name, extent)
    return extent
  }
}
