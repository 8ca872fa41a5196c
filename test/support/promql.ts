import { parser } from '@prometheus-io/lezer-promql'

/** The names of the time series that a PromQL expression reads. Throws where it is none. */
export function metricNamesIn(expression: string): ReadonlySet<string> {
  const names = new Set<string>()
  parser.parse(expression).iterate({
    enter({ type, node, from, to }) {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expression}`)
      const isName = type.name === 'Identifier' && node.parent?.name === 'VectorSelector'
      if (isName) names.add(expression.slice(from, to))
    },
  })
  return names
}
