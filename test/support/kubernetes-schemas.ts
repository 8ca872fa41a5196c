import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { Service, ServiceAccount } from 'kubernetes-models/v1'

type Schema = {
  readonly apiVersion: string
  readonly kind: string
  readonly prototype: { validate(): void }
}

const models: readonly Schema[] = [
  Deployment,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  ServiceAccount,
]

/** What Kubernetes would not take of a manifest, and what it would silently leave out because it knows no such field. */
export function faultsOf(manifest: object): readonly string[] {
  const { apiVersion, kind }: Partial<Schema> = manifest
  const model = models.find((known) => known.apiVersion === apiVersion && known.kind === kind)
  if (model === undefined) return [`there is no schema for ${apiVersion} ${kind}`]
  const unread = new Set<string>()
  try {
    model.prototype.validate.call(watched(manifest, '', unread))
  } catch (error) {
    return [String(error)]
  }
  return [...unread].map((path) => `${path} is no field of a ${kind}`)
}

/** The compiled schemas let pass what they do not know, but they read every field that they know. */
function watched<T>(value: T, path: string, unread: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value
  const parts = new Map(
    Object.entries(value).map(([key, part]) => [key, watched(part, `${path}/${key}`, unread)]),
  )
  for (const key of parts.keys()) unread.add(`${path}/${key}`)
  return new Proxy(value, {
    get(target, key) {
      if (typeof key !== 'string' || !parts.has(key)) return Reflect.get(target, key)
      unread.delete(`${path}/${key}`)
      return parts.get(key)
    },
  })
}
