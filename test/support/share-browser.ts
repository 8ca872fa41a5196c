import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onTestFinished, type TestContext } from 'vitest'
import { sharedInFile } from './shared-in-file.ts'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export type OpenPage = {
  readonly page: Page
  /** The addresses of all that the page asked for. */
  readonly asked: readonly string[]
  /** Errors and warnings of the page. */
  readonly complaints: readonly string[]
}

/** Opens a page in a fresh profile that ends with the test. */
export type PageOpener = (
  context: Pick<TestContext, 'skip'>,
  options?: BrowserContextOptions,
) => Promise<OpenPage>

/**
 * One Chromium for all tests of a file, as starting it takes longer than most clicks: started when the first asks for a
 * page, closed after the last. Without a browser the tests are skipped with a note; where `CI` is true they fail.
 */
export function shareBrowser(): PageOpener {
  const browser = sharedInFile(
    () => chromium.launch({ executablePath, args: flags }),
    (launched) => launched.close(),
  )
  return async ({ skip }, options = {}) => {
    if (!existsSync(executablePath) && process.env.CI !== 'true') {
      const reason = `no browser at ${executablePath}: install chromium, or set CHROMIUM_PATH`
      process.stdout.write(`A browser test is skipped: ${reason}\n`)
      skip(reason)
    }
    return openPage(await browser(), options)
  }
}

async function openPage(browser: Browser, options: BrowserContextOptions): Promise<OpenPage> {
  const profile = await browser.newContext(options)
  onTestFinished(() => profile.close())
  const page = await profile.newPage()
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('websocket', (socket) => asked.push(socket.url()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  return { page, asked, complaints }
}
