import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { build, preview } from 'vite'
import { expect, onTestFinished, type TestContext, test } from 'vitest'
import { listen } from '../../src/listen.ts'
import { buildGateway } from '../support/build-gateway.ts'
import { type Gateway, type GatewayOptions, startGateway } from '../support/gateway.ts'
import { lowContrastTexts } from '../support/low-contrast-texts.ts'
import { shareBrowser } from '../support/share-browser.ts'
import { sharedInFile } from '../support/shared-in-file.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const configFile = join(root, 'examples', 'console', 'vite.config.ts')
const timeout = 120_000
/** Of somebody who is not at the page. */
const other = { authorization: 'Bearer token-of-another' }

const openPage = shareBrowser()
const builtConsole = sharedInFile(buildConsole, (directory) => rm(directory, { recursive: true }))

test('user groups are paged both ways, searched for, and opened with policies and members', {
  timeout,
}, async (context) => {
  const { page, calls, names, expectPrice } = await openConsole(context)
  expect(calls()).toHaveLength(2)
  const first = await names()
  expect(first).toHaveLength(10)
  await page.getByText('Page 1 of 4').waitFor()
  expect(await button(page, 'Previous').isEnabled()).toBe(false)

  await button(page, 'Next').click()
  await page.getByText('Page 2 of 4').waitFor()
  await expect.poll(names).not.toEqual(first)
  const second = await names()
  expect(second.filter((name) => first.includes(name))).toEqual([])
  await button(page, 'Next').click()
  await page.getByText('Page 3 of 4').waitFor()
  await expect.poll(names).not.toEqual(second)
  await button(page, 'Previous').click()
  await expect.poll(names).toEqual(second)
  await expectPrice()

  await page.getByPlaceholder('Part of a name').fill('reliability')
  await button(page, 'Search').click()
  await expect
    .poll(names)
    .toEqual(['Site Reliability Americas', 'Site Reliability APAC', 'Site Reliability EMEA'])
  expect(calls().at(-1)).toContain('fuzzyName=reliability')
  await page.getByPlaceholder('Part of a name').fill('no such team')
  await button(page, 'Search').click()
  await page.getByText('No user group has “no such team” in its name.').waitFor()

  await page.getByPlaceholder('Part of a name').fill('')
  await button(page, 'Search').click()
  const callsBefore = calls().length
  await row(page, 'All Staff').click()
  await page.getByRole('heading', { name: 'All Staff' }).waitFor()
  await removeButtons(page).first().waitFor()
  expect(await removeButtons(page).count()).toBe(10)
  expect(await page.locator('.chip').count()).toBeGreaterThan(3)
  // The list brought the group itself, with its policies.
  expect(calls().slice(callsBefore)).toEqual([expect.stringMatching(/GET .*\/members\?/)])
  const members = page.getByRole('navigation', { name: 'Pages of members' })
  await members.getByRole('button', { name: 'Next' }).click()
  await members.getByText('Page 2').waitFor()
  await expectPrice()
})

test('a group is renamed everywhere at once, and a name that is taken is refused in words', {
  timeout,
}, async (context) => {
  const { page, calls, names, expectPrice } = await openConsole(context)
  await row(page, 'Break Glass').click()
  await button(page, 'Rename').click()
  const name = page.getByLabel('Name of the group')
  expect(await name.evaluate((input) => input === document.activeElement)).toBe(true)
  await name.fill('All Staff')
  await button(page, 'Save').click()
  await page.getByRole('alert').getByText('already in use').waitFor()
  await page.getByRole('alert').getByText('CONFLICT').waitFor()

  await name.fill('Break Glass 2027')
  const callsBefore = calls().length
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Break Glass 2027' }).waitFor()
  expect(methodsOf(calls().slice(callsBefore))).toEqual(['GET', 'PUT'])
  expect(await names()).toContain('Break Glass 2027')
  expect(await button(page, 'Rename').evaluate((element) => element === document.activeElement)).toBe(true)

  await button(page, 'Rename').click()
  await name.fill('Not this')
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'Break Glass 2027' }).waitFor()
  await expectPrice()

  await page.reload()
  await page.getByRole('heading', { name: 'Break Glass 2027' }).waitFor()
})

test('a rename of a group that somebody else has changed meanwhile changes nothing', {
  timeout,
}, async (context) => {
  const { page, calls, gateway } = await openConsole(context)
  await row(page, 'Break Glass').click()
  await button(page, 'Rename').click()
  const { data } = await gateway.query<Renamed>(
    'mutation ($id: ID!) { updateUserGroup(input: { id: $id, name: "Theirs" }) { userGroup { name } } }',
    { id: decodeURIComponent(page.url().split('/').at(-1) ?? '') },
    other,
  )
  expect(data.updateUserGroup.userGroup.name).toBe('Theirs')
  await page.getByLabel('Name of the group').fill('Mine')
  const callsBefore = calls().length
  await button(page, 'Save').click()
  await page.getByRole('alert').getByText('CONFLICT').waitFor()
  expect(methodsOf(calls().slice(callsBefore))).toEqual(['GET'])
})

test('members are taken in and let go, and what is refused says why', { timeout }, async (context) => {
  const { page, calls, gateway, expectPrice } = await openConsole(context)
  const refused = await readRefused(gateway)
  await row(page, 'Acquisition Integration 2027').click()
  await page.getByText('Nobody is in this group yet.').waitFor()
  await button(page, 'Add a member').click()
  const email = page.getByLabel('E-mail address')
  await email.fill('nobody@quayline.example')
  await button(page, 'Add').click()
  await page.getByText('Nobody in this account has that address.').waitFor()

  const callsBefore = calls().length
  await email.fill('Amara.Holm@quayline.example')
  await button(page, 'Add').click()
  await page.getByRole('status').getByText('amara.holm@quayline.example is in the group now.').waitFor()
  await button(page, 'Remove amara.holm@quayline.example').waitFor()
  expect(methodsOf(calls().slice(callsBefore))).toEqual(['POST', 'GET'])

  await email.fill(refused)
  await button(page, 'Add').click()
  await page.getByRole('alert').getByText('do not have DSR enabled').waitFor()
  expect(await removeButtons(page).count()).toBe(1)

  await button(page, 'Remove amara.holm@quayline.example').click()
  await page.getByText('Nobody is in this group yet.').waitFor()
  await page.getByRole('status').getByText('amara.holm@quayline.example has left the group.').waitFor()
  await button(page, 'Undo').click()
  await button(page, 'Remove amara.holm@quayline.example').waitFor()
  await expectPrice()
})

test('who holds a permission is shown with the people, also where a group cannot be read', {
  timeout,
}, async (context) => {
  const { page, gateway, names, expectPrice } = await openConsole(context, {
    gateway: { config: { restRetries: 0 } },
  })
  await page.getByRole('link', { name: 'Permissions' }).click()
  await row(page, 'Administrator Read Only').waitFor()
  const all = await names()
  expect(all).toHaveLength(130)
  await page.getByPlaceholder('Part of a name or label').fill('domain_admin')
  await expect.poll(async () => (await names()).length).toBeLessThan(5)
  await page.getByPlaceholder('Part of a name or label').fill('nothing like it')
  await page.getByText('No permission has “nothing like it” in its name.').waitFor()
  await page.getByPlaceholder('Part of a name or label').fill('domain_admin')
  await row(page, 'Domain Administrator').first().click()
  await page.getByRole('heading', { name: 'Domain Administrator' }).waitFor()
  await page.locator('.card').first().waitFor()
  const holders = await readHolders(gateway, 'domain_admin')
  expect(await page.locator('.card .badge + a').allInnerTexts()).toEqual(holders.map(({ name }) => name))
  await expectPrice()

  const [first] = holders
  gateway.sandbox.setFaults([{ path: `*/user_groups/${first?.tag}/members`, respond: [503], repeat: true }])
  await page.getByRole('link', { name: 'Members' }).click()
  await row(page, 'amara.almeida').waitFor()
  await page.goBack()
  await page.getByText('Its members could not be read.').waitFor()
  await page.getByRole('alert').getByText('Could not read all of who holds it.').waitFor()
  expect(await page.locator('.card').count()).toBe(holders.length)
  gateway.sandbox.setFaults([])
  await button(page, 'Try again').click()
  await page.getByText('Its members could not be read.').waitFor({ state: 'detached' })
  expect(await page.getByRole('alert').count()).toBe(0)
  await expectPrice()

  await page.getByPlaceholder('Part of a name or label').fill('minimal_account_access')
  await row(page, 'Minimal Account Access').click()
  await page.getByText('No user group has a policy about it.').waitFor()
})

test('what a member may do comes with the reason, and links lead on to it', { timeout }, async (context) => {
  const { page, calls, expectPrice } = await openConsole(context)
  await page.getByRole('link', { name: 'Members', exact: true }).click()
  await row(page, 'amara.holm@quayline.example').click()
  await page.getByRole('heading', { name: 'Amara Holm' }).waitFor()
  await page.getByRole('heading', { name: 'Directly' }).waitFor()
  expect(await page.locator('.way').count()).toBeGreaterThan(1)
  await expectPrice()
  // Three lists, and then: the member, the user groups, and the members of each of 40.
  expect(calls()).toHaveLength(3 + 42)

  await page.getByText('Pending').click()
  await expect.poll(() => page.locator('.list .badge').count()).toBe(10)
  await page.getByText('Rejected').click()
  await page.locator('.list .badge', { hasText: 'rejected' }).first().waitFor()
  await row(page, 'ursula.muller').click()
  await page.getByText('No policy reaches this member.').waitFor()
  await page.goBack()

  await page.getByRole('heading', { name: 'Through All Staff' }).getByRole('link').click()
  await page.getByRole('heading', { name: 'All Staff' }).waitFor()
  const permission = page.locator('.chip').first()
  const name = await permission.innerText()
  await permission.click()
  await page.getByRole('heading', { name, exact: true }).waitFor()
  await page.locator('.card a', { hasText: 'All Staff' }).waitFor()
  await expectPrice()
})

test('what is on its way and what has failed is shown as such, part by part', {
  timeout,
}, async (context) => {
  const { page, gateway, url, expectPrice } = await openConsole(context, {
    gateway: { config: { restRetries: 0 } },
  })
  gateway.sandbox.setFaults([{ path: '*/members', respond: [{ delayMs: 1_000, passThrough: true }] }])
  await row(page, 'All Staff').click()
  await page.getByText('Loading the members…').waitFor()
  await page.getByRole('heading', { name: 'All Staff' }).waitFor()
  await removeButtons(page).first().waitFor()

  gateway.sandbox.setFaults([{ path: '*/members', respond: [503], repeat: true }])
  await row(page, 'Break Glass').click()
  const alert = page.getByRole('alert')
  await alert.getByText('Could not read the members.').waitFor()
  await alert.getByText('UPSTREAM_UNAVAILABLE').waitFor()
  await page.getByRole('heading', { name: 'Break Glass' }).waitFor()
  gateway.sandbox.setFaults([])
  await button(page, 'Try again').click()
  await removeButtons(page).first().waitFor()
  expect(await alert.count()).toBe(0)
  await expectPrice()

  gateway.sandbox.setFaults([{ path: '/accounts', respond: [429], repeat: true }])
  await page.goto('about:blank')
  await page.goto(url)
  await alert.getByText('RATE_LIMITED').waitFor()
  await alert.getByText(/Try again in \d+ s\./).waitFor()
})

test('a gateway that is gone is named, and is asked again', { timeout }, async (context) => {
  const { page, stopGateway } = await openConsole(context, {
    complaints: [expect.stringContaining('502')],
  })
  await stopGateway()
  await page.getByRole('link', { name: 'Members', exact: true }).click()
  await page.getByRole('alert').getByText('Could not read the members.').waitFor()
  await page.getByRole('alert').getByText('The gateway answered with HTTP 502.').waitFor()
  await button(page, 'Try again').waitFor()
})

test('one account or the other, and an address that names what is not there', {
  timeout,
}, async (context) => {
  const { page, url, names } = await openConsole(context)
  await page.getByLabel('Account').selectOption('Quayline Labs')
  await expect.poll(async () => (await names()).length).toBe(3)
  expect(await button(page, 'Next').count()).toBe(0)
  await page.goto(
    `${url}#/1d3cee76383cb87c863476fdf2a1a321/groups/ug_1d3cee76383cb87c863476fdf2a1a321${'0'.repeat(32)}`,
  )
  await page.getByText('There is no such user group.').waitFor()
})

test.for(['light', 'dark'] as const)(
  'it fits a narrow window, goes by keyboard and has contrast: %s',
  {
    timeout,
  },
  async (colorScheme, context) => {
    const viewport = { width: 390, height: 844 }
    const { page } = await openConsole(context, { browser: { viewport, colorScheme } })
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)
    expect(await fits()).toBe(true)
    await row(page, 'All Staff').focus()
    await page.keyboard.press('Enter')
    await removeButtons(page).first().waitFor()
    expect(await row(page, 'All Staff').isVisible()).toBe(false)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Details')
    expect(await fits()).toBe(true)
    expect(await lowContrastTexts(page)).toEqual([])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await row(page, 'All Staff').waitFor()
    expect(await lowContrastTexts(page)).toEqual([])
  },
)

test('one command starts all of it, says where it is, and ends it with one signal', {
  timeout,
}, async () => {
  const gateway = await buildGateway()
  onTestFinished(gateway.remove)
  // Beside the gateway that was just built, where the folder of examples is a link.
  const program = fileURLToPath(new URL('../examples/console/start.mjs', gateway.directory))
  const started = spawn(process.execPath, ['--preserve-symlinks-main', program], {
    // As a person starts it, not as a test runner is.
    env: { ...process.env, NODE_ENV: undefined, PORT: String(await findFreePort()) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(started, 'exit')
  onTestFinished(async () => {
    started.kill()
    await ended
  })
  const url = await readUrl(started.stdout)
  const page = await fetch(url)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await page.text()).toContain('<title>Access console</title>')
  const answer = await fetch(`${url}graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ accounts { nodes { name } } }"}',
  })
  expect(await answer.json()).toMatchObject({
    data: { accounts: { nodes: [{ name: 'Quayline Freight' }, { name: 'Quayline Labs' }] } },
  })
  started.kill('SIGINT')
  expect(await ended).toEqual([0, null])
})

type Renamed = { readonly updateUserGroup: { readonly userGroup: { readonly name: string } } }

type ConsoleOptions = {
  readonly gateway?: GatewayOptions
  readonly browser?: BrowserContextOptions
  /** What the browser is to complain about. */
  readonly complaints?: readonly unknown[]
}

/** The console as it is built, before a gateway of the test's own, with its first list; asks no other host. */
async function openConsole(context: TestContext, options: ConsoleOptions = {}) {
  const { page, asked, complaints } = await openPage(context, {
    viewport: { width: 1280, height: 860 },
    ...options.browser,
  })
  page.setDefaultTimeout(10_000)
  const gateway = await startGateway({ headers: {}, ...options.gateway })
  const server = await listen(gateway.listener, { host: '127.0.0.1', port: 0 })
  const stopGateway = () => server.drain(0)
  const site = await preview({
    configFile,
    logLevel: 'silent',
    build: { outDir: await builtConsole() },
    preview: { host: '127.0.0.1', port: 0, proxy: { '/graphql': `http://127.0.0.1:${server.port}` } },
  })
  const url = site.resolvedUrls?.local[0] ?? ''
  onTestFinished(async () => {
    await site.close()
    await stopGateway()
    expect(new Set(asked.map((one) => new URL(one).origin))).toEqual(new Set([new URL(url).origin]))
    expect(complaints).toEqual(options.complaints ?? [])
  })
  await page.goto(url)
  await page.locator('.list .row').first().waitFor()
  const [first] = gateway.sandbox.requests()
  // What a test asks besides has credentials of its own.
  const calls = () =>
    gateway.sandbox
      .requests()
      .filter(({ credential }) => credential === first?.credential)
      .map(({ method, path }) => `${method} ${path}`)
  return {
    page,
    gateway,
    url,
    stopGateway,
    calls,
    /** What the list beside the details shows. */
    names: () =>
      page.locator('.list .row').evaluateAll((rows) => rows.map((one) => one.firstChild?.textContent)),
    /** The price that the page shows is what the upstream was asked. */
    async expectPrice() {
      const shown = page.locator('.price-bar strong')
      await expect.poll(async () => await shown.innerText()).toBe(`${calls().length} REST calls`)
      await page.locator('.price-bar summary').click()
      const each = await page.locator('.price-bar td:last-child').allInnerTexts()
      expect(each.reduce((sum, one) => sum + Number(one), 0)).toBe(calls().length)
      await page.locator('.price-bar summary').click()
    },
  }
}

/** The address of the page, as soon as the program prints it. */
function readUrl(output: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    output.on('data', (chunk) => {
      text += chunk
      const [, url] = /Console +(http\S+)/.exec(text) ?? []
      if (url !== undefined) resolve(url)
    })
    output.on('end', () => reject(new Error(`The console did not start: ${text}`)))
  })
}

async function findFreePort(): Promise<number> {
  const server = await listen(() => {}, { host: '127.0.0.1', port: 0 })
  await server.drain(0)
  return server.port
}

async function buildConsole(): Promise<string> {
  const cache = join(root, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  const outDir = await mkdtemp(join(cache, 'console-'))
  await build({ configFile, logLevel: 'silent', build: { outDir, emptyOutDir: true } })
  return outDir
}

/** The address that every user group refuses. */
async function readRefused({ query, sandbox }: Gateway): Promise<string> {
  const { data } = await query<{ readonly account: { readonly member: { readonly email: string } } }>(
    'query ($account: ID!, $id: ID!) { account(id: $account) { member(id: $id) { email } } }',
    { account: sandbox.accountTag, id: sandbox.landmarks.memberWithoutDsr },
    other,
  )
  return data.account.member.email
}

type Holder = { readonly tag: string; readonly name: string }
type Holders = {
  readonly account: {
    readonly permissionGroups: {
      readonly nodes: readonly [{ readonly userGroups: { readonly nodes: readonly Holder[] } }]
    }
  }
}

/** The user groups that hold a permission. */
async function readHolders({ query, sandbox }: Gateway, label: string): Promise<readonly Holder[]> {
  const { data } = await query<Holders>(
    `query ($account: ID!, $label: String!) {
      account(id: $account) {
        permissionGroups(first: 1, filter: { label: $label }) { nodes { userGroups(first: 10) { nodes { tag name } } } }
      }
    }`,
    { account: sandbox.accountTag, label },
    other,
  )
  return data.account.permissionGroups.nodes[0].userGroups.nodes
}

/** The line of a list that begins with this. */
function row(page: Page, name: string) {
  return page.locator('.list .row').filter({ hasText: new RegExp(`^${name}`) })
}

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true })
}

function removeButtons(page: Page) {
  return page.getByRole('button', { name: /^Remove / })
}

function methodsOf(requests: readonly string[]): readonly (string | undefined)[] {
  return requests.map((request) => request.split(' ')[0])
}
