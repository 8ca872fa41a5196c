import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseConfig, variableNames } from '../../src/config.ts'
import { listDeployed, readDeployedSettings, readDeployedYaml } from '../support/deployed.ts'
import { readDockerfile } from '../support/dockerfile.ts'
import { startGateway } from '../support/gateway.ts'
import { faultsOf } from '../support/kubernetes-schemas.ts'

const folders = ['base', 'with-redis'] as const
const labels = z.record(z.string(), z.string())
const selector = z.object({ matchLabels: labels })
const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.string() }).optional(),
  tcpSocket: z.object({ port: z.string() }).optional(),
})
const containerSchema = z.object({
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
  env: z
    .array(
      z.strictObject({
        name: z.string(),
        valueFrom: z.strictObject({
          secretKeyRef: z.strictObject({ name: z.string(), key: z.string(), optional: z.literal(true) }),
        }),
      }),
    )
    .default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe,
  livenessProbe: probe.optional(),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.int() }) }) }).optional(),
  securityContext: z.unknown(),
  resources: z.object({ requests: labels, limits: z.object({ memory: z.string() }) }),
})
const deploymentSchema = z.object({
  kind: z.literal('Deployment'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    selector,
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        serviceAccountName: z.string().optional(),
        automountServiceAccountToken: z.literal(false),
        terminationGracePeriodSeconds: z.int().optional(),
        securityContext: z.unknown(),
        topologySpreadConstraints: z.array(z.object({ labelSelector: selector })).default([]),
        containers: z.tuple([containerSchema]),
      }),
    }),
  }),
})
const kustomizationSchema = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  resources: z.array(z.string()),
  configMapGenerator: z.array(
    z.strictObject({
      name: z.string(),
      behavior: z.literal('merge').optional(),
      envs: z.array(z.string()).optional(),
      literals: z.array(z.string().regex(/^\w+=/)).optional(),
    }),
  ),
  images: z.array(z.strictObject({ name: z.string(), newTag: z.string() })).optional(),
})

test('every manifest is one that Kubernetes takes, to the last field', () => {
  const all = manifests()
  expect(all.length).toBeGreaterThan(8)
  for (const manifest of all) expect(faultsOf(manifest)).toEqual([])
})

test('a wrong value, a missing field and a misspelt one are noticed', () => {
  const [deployment = {}] = manifests().filter((manifest) => kindOf(manifest) === 'Deployment')
  const changed = (change: (text: string) => string) =>
    faultsOf(JSON.parse(change(JSON.stringify(deployment))))
  expect(changed((text) => text)).toEqual([])
  expect(changed((text) => text.replace('"maxSurge":1', '"maxSurge":{}'))).toHaveLength(1)
  expect(changed((text) => text.replace('"selector"', '"selected"'))).toHaveLength(1)
  expect(changed((text) => text.replace('readOnlyRootFilesystem', 'readOnlyRootFileSystem'))).toEqual([
    '/spec/template/spec/containers/0/securityContext/readOnlyRootFileSystem is no field of a Deployment',
  ])
})

test('each kustomization names every manifest beside it', () => {
  for (const folder of folders) {
    const { resources } = kustomization(folder)
    const files = listDeployed(`kubernetes/${folder}`).filter((name) => name.endsWith('.yaml'))
    const named = resources.filter((resource) => resource.endsWith('.yaml'))
    expect(['kustomization.yaml', ...named].toSorted()).toEqual(files.toSorted())
    const others = resources.filter((resource) => !resource.endsWith('.yaml'))
    for (const other of others) expect(folders.map((name) => `../${name}`)).toContain(other)
  }
})

test('the image is the one of this version', () => {
  const { labels: said } = readDockerfile()
  const tag = said['org.opencontainers.image.version']
  expect(kustomization('base').images).toEqual([{ name: 'cloudflare-iam-graphql', newTag: tag }])
})

test('the settings are ones that the gateway takes, and no secret is among them', () => {
  const { env } = readDockerfile()
  for (const settings of [settingsOf('base'), { ...settingsOf('base'), ...settingsOf('with-redis') }]) {
    expect(variableNames).toEqual(expect.arrayContaining(Object.keys(settings)))
    const config = parseConfig({ ...env, ...settings })
    expect(config).toMatchObject({ host: '0.0.0.0', production: true, workers: 1 })
    expect(config.baseUrl).toBe('https://api.cloudflare.com/client/v4')
  }
  expect(Object.keys(settingsOf('base')).filter((name) => /TOKEN|SECRET|KEY|HEADERS/.test(name))).toEqual([])
  expect(manifests().filter((manifest) => kindOf(manifest) === 'Secret')).toEqual([])
})

test('what is secret comes from one Secret, each under its own name, where that has it', () => {
  const { env, envFrom } = gateway().spec.template.spec.containers[0]
  for (const { name, valueFrom } of env) {
    expect(variableNames).toContain(name)
    expect(valueFrom.secretKeyRef).toEqual({ name: 'cloudflare-iam-graphql', key: name, optional: true })
  }
  const generated = kustomization('base').configMapGenerator.map(({ name }) => name)
  expect(envFrom.map(({ configMapRef }) => configMapRef.name)).toEqual(generated)
  // Service mode, behind a proof of who calls.
  const secret = { CLOUDFLARE_API_TOKEN: 'token', JWT_SECRET: 'x'.repeat(32), METRICS_TOKEN: 'figures' }
  expect(env.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(secret)))
  const config = parseConfig({ ...readDockerfile().env, ...settingsOf('base'), ...secret })
  expect(config.serviceHeaders).toBeDefined()
})

test('every selector finds the pods of one deployment', () => {
  const pods = deployments().map(({ spec }) => spec.template.metadata.labels)
  const found = (wanted: Readonly<Record<string, string>>) =>
    pods.filter((pod) => Object.entries(wanted).every(([label, value]) => pod[label] === value)).length
  for (const { spec } of deployments()) {
    expect(found(spec.selector.matchLabels)).toBe(1)
    for (const { labelSelector } of spec.template.spec.topologySpreadConstraints)
      expect(found(labelSelector.matchLabels)).toBe(1)
  }
  const byKind = (kind: string) => manifests().filter((manifest) => kindOf(manifest) === kind)
  for (const service of byKind('Service'))
    expect(found(z.object({ spec: z.object({ selector: labels }) }).parse(service).spec.selector)).toBe(1)
  for (const budget of byKind('PodDisruptionBudget'))
    expect(found(z.object({ spec: z.object({ selector }) }).parse(budget).spec.selector.matchLabels)).toBe(1)
  for (const policy of byKind('NetworkPolicy')) {
    const { spec } = z.object({ spec: z.object({ podSelector: selector }) }).parse(policy)
    expect(found(spec.podSelector.matchLabels)).toBe(1)
  }
  const target = z.object({ spec: z.object({ scaleTargetRef: z.object({ name: z.string() }) }) })
  for (const scaler of byKind('HorizontalPodAutoscaler')) {
    const { name } = target.parse(scaler).spec.scaleTargetRef
    expect(deployments().map(({ metadata }) => metadata.name)).toContain(name)
  }
  const accounts = byKind('ServiceAccount').map((account) => nameOf(account))
  expect(accounts).toContain(gateway().spec.template.spec.serviceAccountName)
})

test('probes ask for what the gateway answers, on the port of the image', async () => {
  const [{ ports, startupProbe, readinessProbe, livenessProbe }] = gateway().spec.template.spec.containers
  expect(ports).toEqual([{ name: 'http', containerPort: Number(readDockerfile().env.PORT) }])
  const { fetch } = await startGateway()
  for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe].flatMap((probed) => probed ?? [])) {
    expect(httpGet?.port).toBe('http')
    expect((await fetch(httpGet?.path ?? '')).status).toBe(200)
  }
  // One that drains is alive, and should not be killed for it.
  expect([readinessProbe.httpGet?.path, livenessProbe?.httpGet?.path]).toEqual(['/ready', '/health'])
})

test('a pod is given the time to finish what it has in flight', () => {
  const { terminationGracePeriodSeconds = 30, containers } = gateway().spec.template.spec
  const { operationTimeoutMs } = parseConfig(settingsOf('base'))
  const beforeSignal = containers[0].lifecycle?.preStop.sleep.seconds ?? 0
  expect(beforeSignal).toBeGreaterThan(0)
  const closingSeconds = 10
  expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
    beforeSignal + operationTimeoutMs / 1000 + closingSeconds,
  )
})

test('no container has more rights than it needs', () => {
  for (const { spec } of deployments()) {
    const { securityContext, containers } = spec.template.spec
    expect(securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: expect.any(Number),
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  }
  const { user } = readDockerfile()
  expect(gateway().spec.template.spec.securityContext).toMatchObject({
    runAsUser: Number(user.split(':')[0]),
    runAsGroup: Number(user.split(':')[1]),
  })
})

function kustomization(folder: (typeof folders)[number]) {
  return kustomizationSchema.parse(readDeployedYaml(`kubernetes/${folder}/kustomization.yaml`)[0])
}

function manifests(): readonly object[] {
  return folders.flatMap((folder) =>
    kustomization(folder)
      .resources.filter((resource) => resource.endsWith('.yaml'))
      .flatMap((resource) => readDeployedYaml(`kubernetes/${folder}/${resource}`))
      .map((manifest) => z.record(z.string(), z.unknown()).parse(manifest)),
  )
}

function settingsOf(folder: (typeof folders)[number]): Readonly<Record<string, string>> {
  const parts = kustomization(folder).configMapGenerator.map(({ envs = [], literals = [] }) => ({
    ...Object.assign({}, ...envs.map((env) => readDeployedSettings(`kubernetes/${folder}/${env}`))),
    ...Object.fromEntries(literals.map((literal) => literal.split(/=(.*)/s))),
  }))
  return Object.assign({}, ...parts)
}

function deployments() {
  return manifests()
    .filter((manifest) => kindOf(manifest) === 'Deployment')
    .map((manifest) => deploymentSchema.parse(manifest))
}

function gateway() {
  const found = deployments().find(({ metadata }) => metadata.name === 'cloudflare-iam-graphql')
  if (found === undefined) throw new Error('there is no deployment of the gateway')
  return found
}

function kindOf(manifest: object): string {
  return z.object({ kind: z.string() }).parse(manifest).kind
}

function nameOf(manifest: object): string {
  return z.object({ metadata: z.object({ name: z.string() }) }).parse(manifest).metadata.name
}
