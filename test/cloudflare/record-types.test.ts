import type { Account } from 'cloudflare/resources/accounts/accounts.mjs'
import type {
  PermissionGroupGetResponse,
  PermissionGroupListResponse,
} from 'cloudflare/resources/iam/permission-groups.mjs'
import type {
  ResourceGroupCreateParams,
  ResourceGroupCreateResponse,
  ResourceGroupGetResponse,
  ResourceGroupListResponse,
  ResourceGroupUpdateResponse,
} from 'cloudflare/resources/iam/resource-groups.mjs'
import type {
  SSOCreateParams,
  SSOCreateResponse,
  SSOGetResponse,
  SSOListResponse,
  SSOUpdateParams,
  SSOUpdateResponse,
} from 'cloudflare/resources/iam/sso.mjs'
import type {
  MemberCreateResponse,
  MemberGetResponse,
  MemberListResponse,
  MemberUpdateResponse,
} from 'cloudflare/resources/iam/user-groups/members.mjs'
import type {
  UserGroupCreateParams,
  UserGroupCreateResponse,
  UserGroupGetResponse,
  UserGroupListResponse,
  UserGroupUpdateParams,
  UserGroupUpdateResponse,
} from 'cloudflare/resources/iam/user-groups/user-groups.mjs'
import type { Member } from 'cloudflare/resources/shared.mjs'
import { expect, expectTypeOf, test } from 'vitest'
import type { AccountRecord } from '../../src/cloudflare/accounts.ts'
import type { MemberRecord } from '../../src/cloudflare/members.ts'
import type { PermissionGroupRecord } from '../../src/cloudflare/permission-groups.ts'
import {
  type ResourceGroupBody,
  type ResourceGroupRecord,
  scopesOf,
} from '../../src/cloudflare/resource-groups.ts'
import type {
  SSOConnectorBody,
  SSOConnectorPatch,
  SSOConnectorRecord,
} from '../../src/cloudflare/sso-connectors.ts'
import type { UserGroupMemberRecord } from '../../src/cloudflare/user-group-members.ts'
import type { UserGroupBody, UserGroupRecord } from '../../src/cloudflare/user-groups.ts'

/**
 * A published type as it is held against ours: arrays read-only, and `meta` the free-form string map that it is on
 * the wire, where the package lists the keys it knows, or `key` and `value` (quirk 20).
 */
type Published<T> = T extends readonly (infer Row)[]
  ? readonly Published<Row>[]
  : T extends object
    ? { [Key in keyof T]: Key extends 'meta' ? Readonly<Record<string, string>> : Published<T[Key]> }
    : T

/** With the `id` that the package leaves optional; what comes without one is refused when it is read. */
type WithId<T extends { id?: string }> = T & { id: string }

test('records hold what the official package says an answer is', () => {
  expectTypeOf<Account>().toExtend<AccountRecord>()
  expectTypeOf<Published<PermissionGroupListResponse>>().toExtend<PermissionGroupRecord>()
  expectTypeOf<Published<PermissionGroupGetResponse>>().toExtend<PermissionGroupRecord>()
  expectTypeOf<Published<ResourceGroupListResponse>>().toExtend<ResourceGroupRecord>()
  expectTypeOf<Published<ResourceGroupGetResponse>>().toExtend<ResourceGroupRecord>()
  expectTypeOf<Published<ResourceGroupCreateResponse>>().toExtend<ResourceGroupRecord>()
  expectTypeOf<Published<ResourceGroupUpdateResponse>>().toExtend<ResourceGroupRecord>()
  expectTypeOf<Published<UserGroupListResponse>>().toExtend<UserGroupRecord>()
  expectTypeOf<Published<UserGroupGetResponse>>().toExtend<UserGroupRecord>()
  expectTypeOf<Published<UserGroupCreateResponse>>().toExtend<UserGroupRecord>()
  expectTypeOf<Published<UserGroupUpdateResponse>>().toExtend<UserGroupRecord>()
  expectTypeOf<MemberListResponse>().toExtend<UserGroupMemberRecord>()
  expectTypeOf<MemberGetResponse>().toExtend<UserGroupMemberRecord>()
  expectTypeOf<MemberCreateResponse>().toExtend<UserGroupMemberRecord>()
  expectTypeOf<MemberUpdateResponse>().toExtend<UserGroupMemberRecord>()
  expectTypeOf<Published<WithId<Member>>>().toExtend<MemberRecord>()
  expectTypeOf<WithId<SSOListResponse>>().toExtend<SSOConnectorRecord>()
  expectTypeOf<WithId<SSOGetResponse>>().toExtend<SSOConnectorRecord>()
  expectTypeOf<WithId<SSOCreateResponse>>().toExtend<SSOConnectorRecord>()
  expectTypeOf<WithId<SSOUpdateResponse>>().toExtend<SSOConnectorRecord>()
})

test('bodies are what the official package sends', () => {
  expectTypeOf<ResourceGroupBody>().toExtend<Published<Omit<ResourceGroupCreateParams, 'account_id'>>>()
  expectTypeOf<UserGroupBody>().toExtend<Published<Omit<UserGroupCreateParams, 'account_id'>>>()
  expectTypeOf<SSOConnectorBody>().toExtend<Omit<SSOCreateParams, 'account_id'>>()
  expectTypeOf<SSOConnectorPatch>().toExtend<Omit<SSOUpdateParams, 'account_id'>>()
})

test('where the published types are known to be wrong, ours still differ from them', () => {
  // The day one of these fails the package has been mended, and the exception above can go.
  expectTypeOf<ResourceGroupGetResponse>().not.toExtend<ResourceGroupRecord>()
  expectTypeOf<PermissionGroupGetResponse>().not.toExtend<PermissionGroupRecord>()
  expectTypeOf<Member>().not.toExtend<MemberRecord>()
  expectTypeOf<SSOGetResponse>().not.toExtend<SSOConnectorRecord>()
  // The package demands policy ids on an update, which the upstream refuses (quirk 30).
  expectTypeOf<UserGroupBody>().not.toExtend<Published<Omit<UserGroupUpdateParams, 'account_id'>>>()
})

test('a value of the published type goes through our reading of it', () => {
  const published: Omit<ResourceGroupGetResponse, 'meta'> = {
    id: 'a'.repeat(32),
    name: 'Zones',
    scope: { key: 'com.cloudflare.api.account.x', objects: [{ key: '*' }] },
  }
  const record: ResourceGroupRecord = published
  expect(scopesOf(record)).toEqual([published.scope])
})
