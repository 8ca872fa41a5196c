import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseConfig } from '../../src/config.ts'
import { startGateway } from '../support/gateway.ts'
import { metricNamesIn } from '../support/promql.ts'
import { readMetrics, type Sample } from '../support/read-metrics.ts'

const source = z.strictObject({ type: z.literal('prometheus'), uid: z.string().regex(/^\$\{datasource\}$/) })
const panelSchema = z.object({
  id: z.int(),
  type: z.enum(['row', 'timeseries', 'table']),
  title: z.string().min(1),
  description: z.string().min(1).optional(),
  datasource: source.optional(),
  gridPos: z.strictObject({ x: z.int(), y: z.int(), w: z.int().positive(), h: z.int().positive() }),
  targets: z
    .array(z.object({ refId: z.string(), datasource: source, expr: z.string(), legendFormat: z.string() }))
    .default([]),
})
const dashboardSchema = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })) }),
  panels: z.array(panelSchema),
})
const ruleSchema = z.strictObject({
  alert: z.string().regex(/^[A-Z]\w+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[smh]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
})
const alertsSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema) })),
})

test('every series and label of the dashboard is one that the gateway has', async () => {
  const dashboard = await readDashboard()
  const samples = await everyFigure()
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  expect(expressions.length).toBeGreaterThan(20)
  for (const expression of expressions) expectKnown(expression, samples)
  const names = new Set(samples.map(({ name }) => familyOf(name)))
  const shown = new Set(
    expressions.flatMap((expression) => [...metricNamesIn(filled(expression))].map(familyOf)),
  )
  expect([...names].filter((name) => !shown.has(name))).toEqual([])
  for (const { query } of dashboard.templating.list) {
    const [, series] = /^label_values\((.+), \w+\)$/.exec(query) ?? []
    if (series !== undefined) expectKnown(series, samples)
  }
})

test('the panels of the dashboard have numbers of their own, fill its width and do not overlap', async () => {
  const { panels } = await readDashboard()
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const taken = new Set<string>()
  for (const { title, gridPos } of panels) {
    const { x, y, w, h } = gridPos
    expect(x + w, title).toBeLessThanOrEqual(24)
    for (let cell = 0; cell < w * h; cell += 1) {
      const place = `${x + (cell % w)},${y + Math.floor(cell / w)}`
      expect(taken.has(place), `${title} covers another`).toBe(false)
      taken.add(place)
    }
  }
  const height = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h))
  expect(taken.size).toBe(24 * height)
})

test('every series and label of an alert is one that the gateway has, and each says what to do', async () => {
  const rules = await readRules()
  const samples = await everyFigure()
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  for (const { alert, expr, annotations } of rules) {
    expectKnown(expr, [...samples, { name: 'up', labels: {}, value: 1 }])
    expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`)
    const labels = [...annotations.description.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label)
    for (const label of labels) expect(`${expr} instance`, alert).toContain(label)
  }
})

test('Prometheus is told of the alerts, and to scrape by the job that they name', async () => {
  const config = parse(await deployed('prometheus/prometheus.yaml'))
  expect(config.rule_files).toEqual(['alerts.yaml'])
  const jobs = config.scrape_configs.map((job: { readonly job_name: string }) => job.job_name)
  const named = (await readRules()).flatMap(({ expr }) =>
    [...expr.matchAll(/job="([^"]+)"/g)].map(([, job]) => job),
  )
  expect(new Set(named)).toEqual(new Set(jobs))
})

function deployed(path: string): Promise<string> {
  return readFile(new URL(`../../deploy/${path}`, import.meta.url), 'utf8')
}

async function readDashboard() {
  return dashboardSchema.parse(JSON.parse(await deployed('grafana/dashboard.json')))
}

async function readRules() {
  return alertsSchema
    .parse(parse(await deployed('prometheus/alerts.yaml')))
    .groups.flatMap(({ rules }) => rules)
}

/** All figures of a gateway to which everything has happened that makes some. */
async function everyFigure(): Promise<readonly Sample[]> {
  const { query, sandbox, fetch } = await startGateway({ config: parseConfig({ REST_RETRIES: '1' }) })
  const variables = { account: sandbox.accountTag }
  sandbox.setFaults([{ path: '*', respond: [503, { delayMs: 50, passThrough: true }] }])
  const name = () => query('query Name($account: ID!) { account(id: $account) { name } }', variables)
  await Promise.all([name(), name()])
  await query('query ($account: ID!) { account(id: $account) { userGroups { nodes { name } } } }', variables)
  await query('{ nothing }')
  // Only where there is a Redis.
  const shared = { name: 'iam_gateway_budget_shared', labels: {}, value: 1 }
  return [...readMetrics(await (await fetch('/metrics')).text()), shared]
}

function expectKnown(expression: string, samples: readonly Sample[]): void {
  const text = filled(expression)
  const names = metricNamesIn(text)
  expect(names.size, expression).toBeGreaterThan(0)
  const known = new Set(samples.map((sample) => sample.name))
  for (const name of names) expect(known, expression).toContain(name)
  // What Prometheus itself puts to every series, and what a range has.
  const labels = new Set([
    'job',
    'instance',
    'le',
    ...samples.flatMap((sample) => Object.keys(sample.labels)),
  ])
  for (const label of labelsIn(text)) expect(labels, expression).toContain(label)
}

function labelsIn(expression: string): readonly string[] {
  const matched = [...expression.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label)
  const grouped = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(','))
  return [...matched, ...grouped.map((label) => label.trim())]
}

/** As Grafana fills in its own variables. */
function filled(expression: string): string {
  return expression.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h')
}

/** The parts of a histogram are one. */
function familyOf(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, '')
}
