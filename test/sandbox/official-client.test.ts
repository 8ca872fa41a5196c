import Cloudflare from 'cloudflare'
import { expect, onTestFinished, test } from 'vitest'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts'
import { first, known } from './support/rest.ts'

async function startClient(options?: SandboxOptions) {
  const sandbox = await startSandbox(options)
  onTestFinished(() => sandbox.close())
  const client = new Cloudflare({ apiToken: 'anything', baseURL: sandbox.url, maxRetries: 0 })
  return { client, sandbox, account: { account_id: sandbox.accountTag } }
}

async function collect<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const seen: T[] = []
  for await (const row of rows) seen.push(row)
  return seen
}

test('accounts', async () => {
  const { client, sandbox } = await startClient()
  const accounts = await collect(client.accounts.list())
  expect(accounts.map(({ id }) => id)).toEqual([sandbox.accountTag, sandbox.landmarks.otherAccount])
  const account = await client.accounts.get({ account_id: sandbox.accountTag })
  expect(account).toEqual(accounts[0])
})

test('account members, page after page', async () => {
  const { client, sandbox, account } = await startClient()
  const members = await collect(client.accounts.members.list({ ...account, per_page: 50 }))
  expect(new Set(members.map(({ id }) => id)).size).toBe(300)
  // It asks for one page more than there are: until one comes back empty.
  expect(sandbox.requests()).toHaveLength(7)
  const member = await client.accounts.members.get(known(first(members).id), account)
  expect(member).toEqual(members[0])
})

test('permission groups, page after page without result_info', async () => {
  const { client, sandbox, account } = await startClient()
  const groups = await collect(client.iam.permissionGroups.list({ ...account, per_page: 50 }))
  expect(new Set(groups.map(({ id }) => id)).size).toBe(130)
  expect(sandbox.requests()).toHaveLength(4)
  const group = await client.iam.permissionGroups.get(first(groups).id, account)
  expect(group).toEqual(groups[0])
})

test('resource groups, from creation to the end', async () => {
  const { client, account, sandbox } = await startClient()
  const { resourceGroups } = client.iam
  const scope = {
    key: `com.cloudflare.api.account.${sandbox.accountTag}`,
    objects: [{ key: 'com.cloudflare.api.account.zone.23f8d65290b24279ba6f44721b3eaad5' }],
  }
  const created = await resourceGroups.create({ ...account, name: 'Shops', scope })
  expect(created).toMatchObject({ name: 'Shops', scope })
  expect(await collect(resourceGroups.list(account))).toHaveLength(26)
  expect(await resourceGroups.get(known(created.id), account)).toEqual(created)
  const updated = await resourceGroups.update(known(created.id), { ...account, name: 'Stores', scope })
  expect(updated).toMatchObject({ id: created.id, name: 'Stores', scope })
  expect(await resourceGroups.delete(known(created.id), account)).toEqual({ id: created.id })
  await expect(resourceGroups.get(known(created.id), account)).rejects.toBeInstanceOf(
    Cloudflare.NotFoundError,
  )
  expect(await collect(resourceGroups.list({ ...account, name: 'Stores' }))).toEqual([])
})

test('user groups, from creation to the end', async () => {
  const { client, account, sandbox } = await startClient()
  const { userGroups } = client.iam
  const permission = first(await collect(client.iam.permissionGroups.list({ ...account, label: 'billing' })))
  const policy = {
    access: 'allow' as const,
    permission_groups: [{ id: permission.id }],
    resource_groups: [{ id: known(sandbox.landmarks.systemResourceGroup) }],
  }
  const created = await userGroups.create({ ...account, name: 'Treasury', policies: [policy] })
  expect(created.policies?.[0]?.permission_groups?.[0]?.name).toBe('Billing')
  expect(await collect(userGroups.list({ ...account, per_page: 10 }))).toHaveLength(41)
  expect(await userGroups.get(created.id, account)).toEqual(created)

  const withId = { ...policy, id: known(created.policies?.[0]?.id) }
  await expect(userGroups.update(created.id, { ...account, policies: [withId] })).rejects.toThrow(
    'Cannot re-use policy IDs',
  )
  const updated = await userGroups.update(created.id, { ...account, name: 'Treasurers' })
  expect(updated).toMatchObject({ id: created.id, name: 'Treasurers', policies: [] })
  await expect(userGroups.create({ ...account, name: 'Treasurers' })).rejects.toBeInstanceOf(
    Cloudflare.BadRequestError,
  )
  expect(await userGroups.delete(created.id, account)).toEqual({ id: created.id })
  await expect(userGroups.get(created.id, account)).rejects.toBeInstanceOf(Cloudflare.NotFoundError)
})

test('members of a user group, from the first to the last', async () => {
  const { client, account, sandbox } = await startClient()
  const { members } = client.iam.userGroups
  const group = known(sandbox.landmarks.emptyUserGroup)
  const [one, two, three] = await collect(client.accounts.members.list({ ...account, status: 'accepted' }))
  const ids = [one, two, three].map((member) => ({ id: known(member?.id) }))

  const added = await collect(members.create(group, { ...account, members: ids.slice(0, 2) }))
  expect(added).toHaveLength(2)
  const replaced = await collect(members.update(group, { ...account, members: ids.slice(1) }))
  expect(new Set(replaced.map(({ id }) => id))).toEqual(new Set(ids.slice(1).map(({ id }) => id)))
  expect(await collect(members.list(group, { ...account, per_page: 1 }))).toEqual(replaced)

  const inGroup = { ...account, user_group_id: group }
  const detail = await members.get(known(ids[1]?.id), inGroup)
  expect(detail).toMatchObject({
    id: ids[1]?.id,
    email: two?.email,
    user: { first_name: two?.user?.first_name },
  })
  expect(await members.delete(known(ids[1]?.id), inGroup)).toMatchObject({ id: ids[1]?.id })
  await expect(members.get(known(ids[1]?.id), inGroup)).rejects.toBeInstanceOf(Cloudflare.NotFoundError)
  expect(await collect(members.update(group, { ...account, members: [] }))).toEqual([])
  expect(await collect(members.list(group, account))).toEqual([])
})

test('SSO connectors, from creation to the end', async () => {
  const { client, account } = await startClient()
  const { sso } = client.iam
  const created = await sso.create({ ...account, email_domain: 'new.example', begin_verification: false })
  expect(created.verification?.status).toBe('awaiting')
  expect(await collect(sso.list(account))).toHaveLength(5)
  const id = known(created.id)
  expect(await sso.beginVerification(id, account)).toEqual({ success: true, errors: [], messages: [] })
  expect((await sso.get(id, account)).verification?.status).toBe('pending')
  expect(await sso.update(id, { ...account, use_fedramp_language: true })).toMatchObject({
    use_fedramp_language: true,
  })
  await expect(sso.update(id, { ...account, enabled: true })).rejects.toBeInstanceOf(
    Cloudflare.BadRequestError,
  )
  expect(await sso.delete(id, account)).toEqual({ id })
})

test('its error classes, its retries and its other credentials', async () => {
  const { sandbox, account } = await startClient()
  const as = (apiToken: string) => new Cloudflare({ apiToken, baseURL: sandbox.url, maxRetries: 1 })
  await expect(as('invalid-token').accounts.get(account)).rejects.toBeInstanceOf(
    Cloudflare.PermissionDeniedError,
  )
  await expect(as('cfat_own').accounts.list()).rejects.toMatchObject({
    status: 400,
    errors: [{ code: 1001 }],
  })

  sandbox.clearRequests()
  sandbox.setFaults([{ path: '*', respond: [{ status: 429, headers: { 'Retry-After': '0' } }, 200] }])
  expect(await as('any').accounts.get(account)).toMatchObject({ id: sandbox.accountTag })
  expect(sandbox.requests().map(({ status }) => status)).toEqual([429, 200])

  const withKey = new Cloudflare({
    apiEmail: 'ops@quayline.example',
    apiKey: 'c2547eb7',
    baseURL: sandbox.url,
  })
  expect(await withKey.accounts.get(account)).toMatchObject({ id: sandbox.accountTag })
})
