import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { escapeHtml, htmlEnd, htmlSection, htmlStart } from '../../src/inspect/html.ts'
import { htmlHashes, htmlScript, htmlStyle } from '../../src/inspect/html-look.ts'
import type { Region, Span } from '../../src/inspect/span.ts'

const leaf = (start: number, end: number, name: string, more: Partial<Span> = {}): Span => ({
  kind: 'field',
  start,
  end,
  name,
  value: '',
  meaning: undefined,
  registry: undefined,
  rfc: 'RFC 7296 §3.1',
  bits: [],
  children: [],
  inner: undefined,
  ...more,
})
const regionOf = (bytes: Uint8Array, ...spans: readonly Span[]): Region => ({
  title: 'IKE message',
  bytes,
  spans,
  authentication: 'none',
  fault: undefined,
})
const section = (region: Region | undefined, heading = 'frame 1'): string =>
  htmlSection({ heading, remarks: [], faults: [], region, shown: 'open' })

describe('the page', () => {
  test('allows only its own style and script, by their hashes, and loads nothing', () => {
    const page = htmlStart('a.pcap') + section(undefined) + htmlEnd([])
    const hash = (text: string): string => createHash('sha256').update(text).digest('base64')
    expect(htmlHashes).toEqual({ style: hash(htmlStyle), script: hash(htmlScript) })
    expect(page).toContain(`<style>${htmlStyle}</style>`)
    expect(page).toContain(`<script>${htmlScript}</script>`)
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${htmlHashes.style}'; script-src 'sha256-${htmlHashes.script}'; base-uri 'none'; form-action 'none'`,
    )
    // The policy stands before everything that it rules.
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'))
    expect(page).not.toMatch(/\b(?:src|href|action)=|url\(|@import|https?:|fetch|import\(|\sstyle=|\son\w+=/)
  })

  test('numbers the octets of a field and its explanation alike', () => {
    const html = section(regionOf(Uint8Array.of(1, 2, 3, 4), leaf(0, 1, 'first'), leaf(1, 4, 'second')))
    expect(html).toContain('<b data-i="0">01</b>')
    expect(html).toContain('<b data-i="1">02 03 04</b>')
    expect(html).toMatch(/<li class="field h1" data-f="1" data-l="1"><p><b>second/)
  })

  test('shows all octets, sixteen a row, also of fields that lie across rows', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i)
    const html = section(regionOf(bytes, leaf(0, 3, 'a'), leaf(3, 3, 'nothing'), leaf(3, 40, 'b')))
    const shown = (/<pre>([\s\S]*?)<\/pre>/.exec(html)?.[1] ?? '').replace(/<[^>]*>/g, '')
    expect(shown.split('\n')).toEqual([
      '0000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f',
      '0010  10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f',
      '0020  20 21 22 23 24 25 26 27 ',
    ])
    expect(html.match(/<b data-i="2">/g)).toHaveLength(3)
  })

  test('a structure lights all that is in it', () => {
    const inner = leaf(1, 4, 'structure', { kind: 'structure', children: [leaf(1, 2, 'x'), leaf(2, 4, 'y')] })
    expect(section(regionOf(Uint8Array.of(1, 2, 3, 4), leaf(0, 1, 'a'), inner))).toContain(
      '<li class="structure h1" data-f="1" data-l="2"><details open><summary><b>structure',
    )
  })

  test('the RFC of a structure is not said again of each of its fields', () => {
    const children = [leaf(0, 1, 'same', { rfc: 'RFC 7296 §3.2' }), leaf(1, 2, 'other', { rfc: 'RFC 7383 §2.5' })]
    const html = section(regionOf(Uint8Array.of(1, 2), leaf(0, 2, 'structure', { kind: 'structure', rfc: 'RFC 7296 §3.2', children })))
    expect(html.match(/<small>[^<]*<\/small>/g)).toEqual(['<small>RFC 7296 §3.2</small>', '<small>RFC 7383 §2.5</small>'])
  })

  test('bits are drawn where they are', () => {
    const bits = [
      { first: 0, width: 4, name: 'Version', value: '4', meaning: undefined, registry: undefined },
      { first: 4, width: 4, name: 'IHL', value: '5', meaning: '20 octets', registry: undefined },
    ]
    const html = section(regionOf(Uint8Array.of(0x45), leaf(0, 1, 'Version, IHL', { bits })))
    expect(html).toContain('<b>Version</b><span><code class="bits">0100 ....</code> <code>4</code></span>')
    expect(html).toContain('<b>IHL</b><span><code class="bits">.... 0101</code> <code>5</code> 20 octets</span>')
  })

  test('a closed section shows its heading, and opens without a script', () => {
    const html = htmlSection({ heading: 'frame 1', remarks: [], faults: [], region: undefined, shown: 'closed' })
    expect(html).toContain('<details><summary><h2>frame 1</h2></summary>')
    expect(section(undefined)).toContain('<details open><summary><h2>frame 1</h2></summary>')
  })

  test('what was decrypted follows with octets of its own, and says whether it is authentic', () => {
    const inside: Region = {
      ...regionOf(Uint8Array.of(9), leaf(0, 1, 'inside')),
      title: 'Decrypted content of SK',
      authentication: 'not-authenticated',
    }
    const html = section(regionOf(Uint8Array.of(1), leaf(0, 1, 'sealed', { inner: inside })))
    expect(html).toContain('Decrypted content of SK <small class="not-authenticated">not authenticated</small>')
    expect(html).toContain('<b data-i="1">09</b>')
  })
})

describe('hostile text', () => {
  const hostile = '</style><script>alert(1)</script><img src=x onerror="alert(1)">\'`&\u202e\u0007\u2028'

  test.each([
    ['a heading', section(undefined, hostile)],
    ['a title', htmlStart(hostile)],
    ['a remark', htmlSection({ heading: '', remarks: [hostile], faults: [hostile], region: undefined, shown: 'open' })],
    [
      'a field',
      section(regionOf(Uint8Array.of(1), leaf(0, 1, hostile, { value: hostile, meaning: hostile, registry: hostile, rfc: hostile }))),
    ],
    ['a region', section({ ...regionOf(Uint8Array.of(1), leaf(0, 1, 'x')), title: hostile })],
    [
      'bits',
      section(
        regionOf(
          Uint8Array.of(1),
          leaf(0, 1, 'x', { bits: [{ first: 0, width: 8, name: hostile, value: hostile, meaning: hostile, registry: hostile }] }),
        ),
      ),
    ],
    ['the last words', htmlEnd([hostile])],
  ])('in %s stays text', (_, html) => {
    for (const harm of ['<script>alert', '<img', '\u202e', '\u0007', '\u2028']) expect(html).not.toContain(harm)
    expect(html).toContain(
      '&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&#96;&amp;',
    )
    expect(html).toContain('\\u{202e}\\x07\\u{2028}')
  })

  test('text that is safe on a terminal is not escaped twice', () => {
    expect(escapeHtml('a\\x1b \\\\ ü → 雪')).toBe('a\\x1b \\\\ ü → 雪')
  })
})
