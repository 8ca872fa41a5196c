import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { apiRoutes, listOperations } from '../../src/sandbox/app.ts'
import { chooseQuirks } from '../../src/sandbox/quirks.ts'
import { createSeed } from '../../src/sandbox/seed/seed.ts'
import { createStore } from '../../src/sandbox/store.ts'

const published = new URL('../../../shared/upstream/cloudflare-iam.openapi.yaml', import.meta.url)

const operations = [
  'GET /accounts',
  'GET /accounts/{account_id}',
  'GET /accounts/{account_id}/members',
  'GET /accounts/{account_id}/members/{member_id}',
  'GET /accounts/{account_id}/iam/permission_groups',
  'GET /accounts/{account_id}/iam/permission_groups/{permission_group_id}',
  'GET /accounts/{account_id}/iam/resource_groups',
  'POST /accounts/{account_id}/iam/resource_groups',
  'GET /accounts/{account_id}/iam/resource_groups/{resource_group_id}',
  'PUT /accounts/{account_id}/iam/resource_groups/{resource_group_id}',
  'DELETE /accounts/{account_id}/iam/resource_groups/{resource_group_id}',
  'GET /accounts/{account_id}/iam/user_groups',
  'POST /accounts/{account_id}/iam/user_groups',
  'GET /accounts/{account_id}/iam/user_groups/{user_group_id}',
  'PUT /accounts/{account_id}/iam/user_groups/{user_group_id}',
  'DELETE /accounts/{account_id}/iam/user_groups/{user_group_id}',
  'GET /accounts/{account_id}/iam/user_groups/{user_group_id}/members',
  'POST /accounts/{account_id}/iam/user_groups/{user_group_id}/members',
  'PUT /accounts/{account_id}/iam/user_groups/{user_group_id}/members',
  'GET /accounts/{account_id}/iam/user_groups/{user_group_id}/members/{member_id}',
  'DELETE /accounts/{account_id}/iam/user_groups/{user_group_id}/members/{member_id}',
  'GET /accounts/{account_id}/sso_connectors',
  'POST /accounts/{account_id}/sso_connectors',
  'GET /accounts/{account_id}/sso_connectors/{sso_connector_id}',
  'PATCH /accounts/{account_id}/sso_connectors/{sso_connector_id}',
  'DELETE /accounts/{account_id}/sso_connectors/{sso_connector_id}',
  'POST /accounts/{account_id}/sso_connectors/{sso_connector_id}/begin_verification',
]

test('the sandbox has the 27 operations of the API, and no other', () => {
  const world = {
    store: createStore(createSeed({}).accounts, Date.now),
    quirks: chooseQuirks({}),
    pageCaps: {},
  }
  const routed = listOperations(apiRoutes(world)).map(
    ({ method, path }) => `${method} ${path.replace(/:(\w+)\{.*?\}(?=\/|$)/g, '{$1}')}`,
  )
  expect(routed.toSorted()).toEqual(operations.toSorted())
  expect(operations).toHaveLength(27)
})

test.skipIf(!existsSync(published))('these are the operations that are published', () => {
  const [, paths = ''] = /^paths:\n([\s\S]*?)^\w/m.exec(readFileSync(published, 'utf8')) ?? []
  const found: string[] = []
  let path = ''
  for (const line of paths.split('\n')) {
    path = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? path
    const method = /^ {4}(get|post|put|patch|delete):$/.exec(line)?.[1]
    if (method !== undefined) found.push(`${method.toUpperCase()} ${path}`)
  }
  expect(found.toSorted()).toEqual(operations.toSorted())
})
