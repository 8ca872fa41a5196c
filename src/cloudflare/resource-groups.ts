import type { RestClient, RestPage } from './client.ts'
import { nullIfNotFound } from './errors.ts'
import type { MetaRecord } from './permission-groups.ts'
import { detail, fields, list, map, part, record, type Shape, text, unusable } from './record-shape.ts'
import { type Route, route } from './route.ts'

/** What a resource group covers: a container, and the objects inside it. */
export type ResourceScopeRecord = {
  readonly key: string
  readonly objects?: readonly { readonly key: string }[] | null
}

/** A resource group. `scope` is one scope today and was a list of them in older texts (quirk 22): read `scopesOf`. */
export type ResourceGroupRecord = {
  readonly id: string
  readonly name?: string | null
  readonly meta?: MetaRecord | null
  readonly scope?: ResourceScopeRecord | readonly ResourceScopeRecord[] | null
}

const scopeShape = fields({ key: text, objects: part(list(fields({ key: text }))) })
const oneScopeOrMore: Shape = (value) => {
  const scope = scopeShape(value)
  return scope === unusable ? list(scopeShape)(value) : scope
}

/** A resource group of an answer. */
export const resourceGroupShape = record({
  name: detail(text),
  meta: detail(map),
  scope: part(oneScopeOrMore),
})

/** A scope as it is written; the upstream takes exactly one, with at least one object (quirk 29). */
export type ResourceScopeBody = {
  readonly key: string
  readonly objects: readonly { readonly key: string }[]
}

/** A new resource group. */
export type ResourceGroupBody = { readonly name: string; readonly scope: ResourceScopeBody }

/**
 * What an update writes: both members, as read where they do not change, because what becomes of an omitted one is
 * not known, and within `scope` it replaces (quirk 24).
 */
export type ResourceGroupUpdate = {
  readonly name: ResourceGroupRecord['name']
  readonly scope: ResourceGroupRecord['scope']
}

/** The scopes of a resource group, always as a list. */
export function scopesOf(record: ResourceGroupRecord): readonly ResourceScopeRecord[] {
  const { scope } = record
  if (scope === null || scope === undefined) return []
  return isList(scope) ? scope : [scope]
}

/** Every resource group in one answer: this endpoint has no pages (quirk 18). */
export function listResourceGroups(
  rest: RestClient,
  accountTag: string,
  query: { readonly name?: string | undefined } = {},
): Promise<RestPage<ResourceGroupRecord>> {
  return rest.list(listRoute(accountTag), { name: query.name }, resourceGroupShape)
}

/** Null where the account has no such resource group. */
export function getResourceGroup(
  rest: RestClient,
  accountTag: string,
  resourceGroupTag: string,
): Promise<ResourceGroupRecord | null> {
  return nullIfNotFound(rest.get(oneRoute(accountTag, resourceGroupTag), {}, resourceGroupShape))
}

/** The new resource group, as far as the upstream shows it. Names are not unique (quirk 25). */
export function createResourceGroup(
  rest: RestClient,
  accountTag: string,
  body: ResourceGroupBody,
): Promise<ResourceGroupRecord | null> {
  return rest.post(listRoute(accountTag), body, resourceGroupShape)
}

/** Writes name and scope whole. */
export function updateResourceGroup(
  rest: RestClient,
  accountTag: string,
  resourceGroupTag: string,
  body: ResourceGroupUpdate,
): Promise<ResourceGroupRecord | null> {
  return rest.put(oneRoute(accountTag, resourceGroupTag), body, resourceGroupShape)
}

/** Sends no body, whatever the published contract says (quirk 27); refused for system groups (quirk 26). */
export async function deleteResourceGroup(
  rest: RestClient,
  accountTag: string,
  resourceGroupTag: string,
): Promise<void> {
  await rest.delete(oneRoute(accountTag, resourceGroupTag))
}

function isList(
  scope: ResourceScopeRecord | readonly ResourceScopeRecord[],
): scope is readonly ResourceScopeRecord[] {
  return Array.isArray(scope)
}

function listRoute(accountTag: string): Route {
  return route('/accounts/{account_id}/iam/resource_groups', { account_id: accountTag })
}

function oneRoute(accountTag: string, resourceGroupTag: string): Route {
  return route('/accounts/{account_id}/iam/resource_groups/{resource_group_id}', {
    account_id: accountTag,
    resource_group_id: resourceGroupTag,
  })
}
