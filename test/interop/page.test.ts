// The page of `decode --html` in a browser: it loads nothing, nothing in it is blocked, octets and explanations light each other, and
// without scripts all of it can be read. What peers send stays text.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes/bytes.ts'
import { readKeys } from '../../src/cli/decode-keys.ts'
import { WhyPage } from '../../src/cli/why.ts'
import { ikeSaId, ikeSpi } from '../../src/contract/units.ts'
import { pcapngFile } from '../../src/inspect/pcapng.ts'
import type { Region, Span } from '../../src/inspect/span.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { encodeMessage } from '../../src/wire/codec.ts'
import type { Payload } from '../../src/wire/message.ts'
import { decodeCapture } from '../inspect/decoding.ts'
import { address } from '../inspect/samples.ts'
import { type Opened, openPage, startBrowser } from './harness/browser.ts'
import { must } from './harness/command.ts'
import { lights, shown } from './harness/page-scripts.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'page-'))
const all = join(folder, 'demo.pcapng')
const keys = join(folder, 'demo-keys')
const few = join(folder, 'few.pcapng')
let browser: Browser | undefined
let fewHtml = ''

const ikebana = (...words: readonly string[]): Promise<string> =>
  must([process.execPath, '--import', 'tsx', 'src/cli/main.ts', ...words], { cwd: root, limit: 60_000 })

beforeAll(async () => {
  // Both are waited for, whatever fails: there is nothing then that afterAll does not know of.
  const outcomes = await Promise.allSettled([startBrowser(folder), record()])
  if (outcomes[0].status === 'fulfilled') browser = outcomes[0].value
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

/** The requests of IKE_SA_INIT and IKE_AUTH, and the first packet in ESP, out of a demonstration. */
async function record(): Promise<void> {
  await ikebana('demo', '--json', '--out', folder)
  const packets = decodeCapture(new Uint8Array(readFileSync(all))).frames.filter((_, i) => i === 0 || i === 2 || i === 4)
  const at = 1_700_000_000_000_000_000n
  const capture = packets.map(({ frame }) => ({ at, packet: frame.octets, direction: undefined, comment: undefined }))
  writeFileSync(few, pcapngFile('test', 'raw', capture))
  fewHtml = await ikebana('decode', few, '--keys', keys, '--html')
}

/** Writes a page and opens it. */
async function opened(html: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened & { readonly url: string }> {
  if (browser === undefined) return expect.unreachable('there is no browser')
  const file = join(folder, 'page.html')
  writeFileSync(file, html)
  return { ...(await openPage(browser, file, options)), url: pathToFileURL(file).href }
}

/** The regions of the frames, in the order of the page: what was decrypted follows what it was decrypted from. */
function regionsOf(capture: string): readonly Region[] {
  const { frames } = decodeCapture(new Uint8Array(readFileSync(capture)), { decryption: readKeys(keys).decryption })
  const within = (region: Region): readonly Region[] => [
    region,
    ...flat(region.spans).flatMap(({ inner }) => (inner === undefined ? [] : within(inner))),
  ]
  return frames.flatMap(({ annotation }) => (annotation === undefined ? [] : within(annotation.region)))
}
/** In the order of the rows. */
const flat = (spans: readonly Span[]): readonly Span[] => spans.flatMap((span) => [span, ...flat(span.children)])

/** What ought to light, from the spans alone. */
function expectedLights({ spans, bytes }: Region): unknown {
  const rows = flat(spans)
  const leaves = rows.filter((span) => span.children.length === 0 && span.end > span.start)
  const covering = (leaf: Span): readonly number[] =>
    rows.flatMap((row, i) => (row === leaf || (row.children.length > 0 && row.start <= leaf.start && leaf.end <= row.end) ? [i] : []))
  const range = ({ start, end }: Span): readonly number[] => Array.from({ length: end - start }, (_, i) => start + i)
  return {
    octets: Array.from(bytes, (_, at) => {
      const leaf = leaves.find(({ start, end }) => start <= at && at < end) ?? expect.unreachable()
      return { octets: range(leaf), rows: covering(leaf) }
    }),
    rows: rows.map((row, i) => ({ octets: range(row), rows: [i] })),
  }
}

describe("the demonstration's capture with its keys", () => {
  test('loads nothing, and nothing in it is blocked or fails', async () => {
    const { page, complaints, requests, url } = await opened(fewHtml)
    await page.mouse.move(200, 250)
    expect(requests).toEqual([url])
    expect(complaints).toEqual([])
  })

  test('octets light all the rows that cover them, rows exactly their octets', async () => {
    const { page } = await opened(fewHtml)
    const regions = regionsOf(few)
    expect(regions.map(({ authentication }) => authentication)).toEqual(['none', 'none', 'authenticated', 'none', 'authenticated'])
    expect(await page.evaluate(lights)).toEqual(regions.map(expectedLights))
  })

  test('a real mouse does the same, and a click on an octet goes to its row', async () => {
    const { page, complaints } = await opened(fewHtml)
    const colour = (selector: string): Promise<unknown> =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`)
    const [row, octets] = ['li[data-f="8"] > p', 'pre b[data-i="8"]']
    const dark = await Promise.all([colour(row), colour(octets)])
    await page.hover(octets)
    const lit = 'rgb(255, 216, 74)'
    expect(await Promise.all([colour(row), colour(octets)])).toEqual([lit, lit])
    expect(await page.textContent('#here')).toContain('IPv4 Header › Source Address: 127.0.0.1')
    await page.hover('h1')
    expect(await Promise.all([colour(row), colour(octets)])).toEqual(dark)
    await page.hover(row)
    expect(await Promise.all([colour(row), colour(octets)])).toEqual([lit, lit])

    await page.click('section:first-of-type summary li summary, section:first-of-type li > details > summary')
    expect(await page.isVisible(row)).toBe(false)
    await page.click(octets)
    expect(await page.isVisible(row)).toBe(true)
    expect(complaints).toEqual([])
  })

  test.each([1280, 400])('fits a window %d wide without scripts, with all octets and all values', async (width) => {
    const { page, complaints } = await opened(fewHtml, { javaScriptEnabled: false, viewport: { width, height: 800 } })
    const seen = await page.evaluate(shown)
    const regions = regionsOf(few)
    expect(seen).toMatchObject({ overflow: 0, octets: regions.map(({ bytes }) => toHex(bytes)) })
    const rows = regions.map(({ spans }) =>
      flat(spans).map(({ name, value, meaning }) => [name, [value, meaning].filter(Boolean).join(' ')]),
    )
    expect(Reflect.get(Object(seen), 'rows')).toEqual(rows)
    expect(complaints).toEqual([])
  })

  test('2,000 frames: a list that opens where it is asked to', async () => {
    const { page, complaints } = await opened(await ikebana('decode', all, '--keys', keys, '--html'))
    expect(await page.evaluate('document.querySelectorAll("section").length')).toBe(2000)
    await page.evaluate('document.querySelector("section:last-of-type").scrollIntoView()')
    expect(await page.evaluate('document.querySelector("section:last-of-type pre").checkVisibility()')).toBe(false)
    await page.evaluate('document.querySelector("section:last-of-type > details > summary").click()')
    expect(await page.evaluate('document.querySelector("section:last-of-type pre").checkVisibility()')).toBe(true)
    expect(complaints).toEqual([])
  })
})

describe('hostile text', () => {
  const hostile = `</style></script><script>alert(1)</script><img src="https://example.com/x" onerror='alert(2)'>"'\`&amp;<!--\u202e\u2066`
  const asText = `</style></script><script>alert(1)</script><img src="https://example.com/x" onerror='alert(2)'>"'\`&amp;<!--\\u{202e}\\u{2066}`
  const payloads: readonly Payload[] = [
    { kind: 'IDi', critical: false, identity: { type: 2, value: utf8(hostile) } },
    { kind: 'IDr', critical: false, identity: { type: 11, value: utf8(hostile) } },
    { kind: 'V', critical: false, vendorId: utf8(hostile) },
    { kind: 'N', critical: false, protocol: 0, spi: new Uint8Array(), type: 40_960, value: utf8(hostile) },
  ]
  const header = { initiatorSpi: ikeSpi('0102030405060708'), responderSpi: ikeSpi('1112131415161718'), majorVersion: 2, minorVersion: 0 }
  const message = encodeMessage({ header: { ...header, exchangeType: 37, flags: 8, messageId: 1 }, payloads })
  const [us, them] = [address('192.0.2.1'), address('192.0.2.2')]
  const ends = { source: { address: us, port: 500 }, destination: { address: them, port: 500 } }
  const packet = ipPacket(us, them, 17, udpDatagram({ ...ends, payload: message }))

  test('from the wire, from the file and in its name stays text', async () => {
    const name = '<b>\u202e"\'&.pcapng'
    writeFileSync(join(folder, name), pcapngFile(hostile, hostile, [{ at: 1n, packet, direction: 'sent', comment: hostile }]))
    const { page, complaints, requests, url } = await opened(await ikebana('decode', join(folder, name), '--html'))
    expect(requests).toEqual([url])
    expect(complaints).toEqual([])
    const text = String(await page.evaluate('document.body.innerText'))
    expect(text).toContain(`comment: ${asText}`)
    expect(text).toContain(`<b>\\u{202e}"'&.pcapng`)
    // Whether as an identity or as anything else: wherever it shows, it is this.
    expect(text.split('<script>alert').length).toBe(text.split(asText.slice(0, 40)).length)
    expect(text.split('<script>alert').length).toBeGreaterThan(2)
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
    expect(await page.evaluate('document.querySelectorAll("script, style, img").length')).toBe(2)
  })

  test('in a page of `--why` stays text, and the page has no octets to point at', async () => {
    const file = join(folder, 'why.html')
    const why = new WhyPage(file)
    const fault = { family: 'policy', code: 'POLICY_IDENTITY_UNKNOWN', message: hostile } as const
    why.record({ name: 'ike-sa-failed', ikeSa: ikeSaId(1), connection: 'peer', fault, refusal: undefined }, 0)
    why.close()
    const { page, complaints, requests } = await opened(readFileSync(file, 'utf8'))
    expect(requests).toHaveLength(1)
    expect(complaints).toEqual([])
    expect(await page.innerText('summary')).toContain(asText)
    expect(await page.locator('#here').count()).toBe(0)
  })
})
