import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, onTestFinished, type TestContext, test } from 'vitest'
import { listen } from '../../src/listen.ts'
import { readExamples } from '../../src/plugins/read-examples.ts'
import { readExampleNames } from '../support/examples.ts'
import { startGateway } from '../support/gateway.ts'
import { shareBrowser } from '../support/share-browser.ts'

const sandboxAccount = '1d3cee76383cb87c863476fdf2a1a321'
const lessons = ['UserGroups', 'Paging', 'WhoHoldsAPermission', 'CreateAUserGroup', 'WhatItCosts']
const timeout = 120_000
const openPage = shareBrowser()

test('it opens with the lessons, runs them, tells their price, and asks no other host', { timeout }, async ({
  skip,
}) => {
  const { page, gateway, url, open, run, asked, complaints } = await openGraphiQL({ skip })
  await open()
  expect(await titles(page)).toEqual(lessons)
  expect(gateway.requests()).toEqual([])

  const { data } = await run()
  expect(data.account.userGroups.nodes).toHaveLength(10)
  await result(page).getByText(`"${data.account.userGroups.nodes[0].name}"`).waitFor()
  expect(await price(page)).toBe('1 REST call made, 1 estimated, limit 200')
  expect(gateway.requests()).toEqual([
    expect.stringMatching(`GET /accounts/${sandboxAccount}/iam/user_groups?.*per_page=10`),
  ])

  await page.getByRole('tab', { name: 'WhoHoldsAPermission' }).click()
  await editor(page).getByText('WhoHoldsAPermission').waitFor()
  const { data: holders, extensions } = await run()
  expect(holders.account.permissionGroups.nodes).toMatchObject([{ userGroups: { totalCount: 8 } }])
  const { made, estimated } = extensions.restCalls
  expect(made).toBe(gateway.requests().length - 1)
  expect(await price(page)).toBe(`${made} REST calls made, ${estimated} estimated, limit 200`)

  await open()
  expect(await titles(page)).toEqual(lessons)
  const origins = asked.map((one) => new URL(one.replace(/^blob:/, '')).origin)
  expect(asked.length).toBeGreaterThan(4)
  expect(new Set(origins)).toEqual(new Set([new URL(url).origin]))
  expect(complaints).toEqual([])
})

test('a link of the menu opens exactly that example, ready to run, also for who was here before', {
  timeout,
}, async ({ skip }) => {
  const { page, gateway, open, run, complaints } = await openGraphiQL({ skip })
  await open()
  await expect.poll(() => storedTabs(page), { timeout: 15_000 }).toContain('UserGroups')
  await page.getByText('Examples', { exact: true }).click()
  const links = page.locator('#line nav a')
  expect(await links.allInnerTexts()).toHaveLength(readExampleNames().length)
  await links.getByText('Rename a user group').click()
  await page.waitForURL('**/graphql?example=change-a-user-group')
  await editor(page).getByText('ChangeAUserGroup').waitFor()
  expect(await titles(page)).toEqual([...lessons, 'ChangeAUserGroup'])

  const { data } = await run()
  expect(data.updateUserGroup).toMatchObject({ userGroup: { name: 'Interns 2027' }, userErrors: [] })
  expect(data.removeUserGroupMember.userErrors).toEqual([])
  expect(gateway.requests().filter((request) => !request.startsWith('GET '))).toHaveLength(3)
  expect(await price(page)).toMatch(/^6 REST calls made/)
  expect(complaints).toEqual([])
})

test('the write lesson writes once, and with a header uncommented it tells its price alone', {
  timeout,
}, async ({ skip }) => {
  const { page, gateway, open, run } = await openGraphiQL({ skip })
  await open('?example=create-a-user-group')
  expect(await titles(page)).toEqual([
    'CreateAUserGroup',
    ...lessons.filter((one) => one !== 'CreateAUserGroup'),
  ])

  await page.getByRole('button', { name: 'Headers' }).click()
  await page.locator('.graphiql-editor-tool').getByText('"X-Dry-Run"').click()
  await page.keyboard.press('Control+/')
  const dry = await run()
  expect(dry).toMatchObject({ data: null, extensions: { restCalls: { estimated: 1 } } })
  expect(await price(page)).toBe('Dry run: 1 REST call, limit 200')
  expect(gateway.requests()).toEqual([])

  await page.locator('.graphiql-editor-tool').getByText('"X-Dry-Run"').click()
  await page.keyboard.press('Control+/')
  const { data } = await run()
  expect(data.createUserGroup).toMatchObject({ userGroup: { name: 'DNS Auditors' }, userErrors: [] })
  const again = await run()
  expect(again.data.createUserGroup.userErrors).toMatchObject([{ code: 'CONFLICT' }])
  expect(gateway.requests()).toHaveLength(2)
})

test('what was edited is in the address, and a token is in no storage', { timeout }, async ({ skip }) => {
  const { page, open, run } = await openGraphiQL({ skip })
  await open('?example=what-it-costs')
  await editor(page).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText('query Mine { rateLimit { remaining } }')
  await page.waitForURL('**query=query+Mine*')
  await page.getByRole('button', { name: 'Headers' }).click()
  await page.locator('.graphiql-editor-tool').getByText('"Authorization"').click()
  await page.keyboard.press('Control+A')
  // The editor closes the brace.
  await page.keyboard.insertText('{ "Authorization": "Bearer secret-of-mine"')
  expect((await run()).data).toEqual({ rateLimit: null })
  await expect.poll(() => storedTabs(page), { timeout: 15_000 }).toContain('query Mine')
  const stored = await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')
  expect(stored).toContain('query Mine')
  expect(stored).not.toContain('secret-of-mine')

  await editor(page).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText('query Mine { nowhere }')
  await page.waitForURL('**nowhere*')
  await page.getByRole('button', { name: /^Execute query/ }).click()
  await page.getByText('Not run: no REST call made').waitFor()
  await expect.poll(() => storedTabs(page), { timeout: 15_000 }).toContain('nowhere')

  await open(new URL(page.url()).search)
  expect(await editor(page).innerText()).toContain('Mine')
  expect((await titles(page)).filter((title) => title === 'Mine')).toHaveLength(1)
})

test.for([
  ['wide and light', { viewport: { width: 1400, height: 900 }, colorScheme: 'light' }],
  ['narrow and dark', { viewport: { width: 400, height: 800 }, colorScheme: 'dark' }],
] as const)('query, answer and price are on one screen, %s', { timeout }, async ([, options], { skip }) => {
  const { page, open, run } = await openGraphiQL({ skip, options })
  await open()
  await run()
  const { width, height } = options.viewport
  for (const part of [editor(page), result(page), page.locator('#line output')]) {
    const box = await part.boundingBox()
    expect(box).not.toBeNull()
    if (box === null) continue
    expect(box.x + box.width).toBeLessThanOrEqual(width)
    expect(box.y + box.height).toBeLessThanOrEqual(height)
    expect(box.width).toBeGreaterThan(180)
  }
  const lightness = await page.evaluate("getComputedStyle(document.querySelector('#line')).backgroundColor")
  expect(lightness).toBe(options.colorScheme === 'dark' ? 'rgb(33, 42, 59)' : 'rgb(255, 255, 255)')
})

const result = (page: Page) => page.locator('.result-window')
const editor = (page: Page) => page.locator('.graphiql-query-editor .graphiql-editor')
const price = (page: Page) => page.locator('#line output').innerText()
// GraphiQL writes them half a second later.
const storedTabs = (page: Page) => page.evaluate("localStorage['graphiql:tabState']")
const titles = (page: Page) => page.getByRole('tab').allInnerTexts()

/** A page in a browser with a fresh profile, on a gateway of its own, and all that it asked for and complained about. */
async function openGraphiQL({
  skip,
  options = { viewport: { width: 1400, height: 900 } },
}: {
  readonly skip: TestContext['skip']
  readonly options?: BrowserContextOptions
}) {
  const { page, asked, complaints } = await openPage({ skip }, options)
  const examples = await readExamples(new URL('../../examples/', import.meta.url), sandboxAccount)
  const gateway = await startGateway({ headers: {}, examples })
  expect(gateway.sandbox.accountTag).toBe(sandboxAccount)
  const server = await listen(gateway.listener, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  const url = `http://127.0.0.1:${server.port}/graphql`
  const nextAnswer = () => page.waitForResponse((response) => response.request().method() === 'POST')
  return {
    page,
    gateway,
    url,
    asked,
    complaints,
    /** Until the schema is there and an operation is in the editor. */
    async open(search = '') {
      const introspected = nextAnswer()
      await page.goto(url + search)
      await introspected
      await editor(page)
        .getByText(/query|mutation/)
        .first()
        .waitFor()
    },
    /** The answer to what is in the editor, once its price shows. */
    async run() {
      const answered = nextAnswer()
      // Right after a change of tabs GraphiQL may not take the click yet, on a busy machine for seconds: then nothing is sent.
      for (let isSent = false; !isSent; ) {
        const sent = page.waitForRequest((request) => request.method() === 'POST', { timeout: 3_000 })
        await page.getByRole('button', { name: /^Execute query/ }).click()
        isSent = await sent.then(
          () => true,
          () => false,
        )
      }
      const answer = await (await answered).json()
      const { made, estimated } = answer.extensions.restCalls
      await page
        .locator('#line output')
        .getByText(String(made ?? estimated))
        .waitFor()
      return answer
    },
  }
}
