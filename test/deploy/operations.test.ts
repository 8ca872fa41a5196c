import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { variableNames } from '../../src/config.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { addProcessMetrics } from '../../src/telemetry/process-metrics.ts'
import { readDeployed, readDeployedYaml } from '../support/deployed.ts'

const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
const named = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)

test('every alert has its own heading, which its runbook link leads to, and no heading is left over', () => {
  const [file] = readDeployedYaml('prometheus/alerts.yaml')
  const rule = z.object({ alert: z.string(), annotations: z.object({ runbook_url: z.string() }) })
  const { groups } = z.object({ groups: z.array(z.object({ rules: z.array(rule) })) }).parse(file)
  const rules = groups.flatMap(({ rules: those }) => those)
  const anchors = new Set(headings.map(anchorOf))
  for (const { annotations } of rules)
    expect(anchors).toContain(annotations.runbook_url.replace('docs/operations.md#', ''))
  expect(headings.filter((heading) => /^Gateway[A-Z]/.test(heading)).toSorted()).toEqual(
    rules.map(({ alert }) => alert).toSorted(),
  )
})

test('every figure is explained, and every one that is explained is there', async () => {
  const registry = new Registry()
  addProcessMetrics(registry, process)()
  const { registry: own } = createMetrics({
    load: () => ({
      inFlight: 0,
      waitingForTurn: 0,
      waitingForConnection: 0,
      budgets: [],
      budgetIsShared: true,
    }),
    inFlight: () => 0,
  })
  const families = [...(await own.getMetricsAsJSON()), ...(await registry.getMetricsAsJSON())]
  const explained = named.filter((name) => /^(iam_gateway|nodejs|process)_/.test(name))
  expect([...new Set(explained)].toSorted()).toEqual(families.map(({ name }) => name).toSorted())
})

test('every setting that is named is one', () => {
  const settings = named.flatMap((code) => /^([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)(?:=\S*)?$/.exec(code)?.[1] ?? [])
  const codes = ['RATE_LIMITED', 'SERVICE_UNAVAILABLE']
  expect(settings.filter((name) => !variableNames.includes(name) && !codes.includes(name))).toEqual([])
  expect(settings).toContain('REDIS_URL')
})

test('links to headings lead to one', () => {
  const links = [...text.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor)
  expect(links.length).toBeGreaterThan(3)
  for (const link of links) expect(headings.map(anchorOf)).toContain(link)
})

test('the times that are told are those of the manifests', () => {
  expect(text).toContain('`preStop` waits 10 seconds in Kubernetes')
  expect(readDeployed('kubernetes/base/deployment.yaml')).toMatch(/sleep:\n +seconds: 10\n/)
  expect(text).toContain('60 seconds in the Kubernetes manifests with `preStop`, 45 in Compose')
  expect(readDeployed('kubernetes/base/deployment.yaml')).toContain('terminationGracePeriodSeconds: 60\n')
  expect(readDeployed('compose.yaml')).toContain('stop_grace_period: 45s\n')
})

function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-')
}
