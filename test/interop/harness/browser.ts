// Chromium without a window, on pages in files. Whatever it writes is in one folder of ours, and it dies with us.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'

export interface Opened {
  readonly page: Page
  /** What the browser complained of: errors of scripts, of the page's policy, of the console. */
  readonly complaints: readonly string[]
  /** Addresses of all that was asked for. */
  readonly requests: readonly string[]
}

/** `folder` takes its profile, and everything else that it writes. */
export function startBrowser(folder: string): Promise<Browser> {
  const program = join(folder, 'chromium')
  // A browser that outlives the tests would be left to nobody. As root it has no sandbox; it sees nothing but our own files.
  writeFileSync(program, `#!/bin/sh\nexport TMPDIR='${folder}' HOME='${folder}'\nexec setpriv --pdeathsig KILL -- chromium "$@"\n`)
  chmodSync(program, 0o700)
  // The profile goes where temporary files go.
  process.env['TMPDIR'] = folder
  return chromium.launch({ executablePath: program, chromiumSandbox: false, timeout: 60_000 })
}

/** Opens a page in a profile of its own. */
export async function openPage(browser: Browser, file: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(pathToFileURL(file).href)
  return { page, complaints, requests }
}
