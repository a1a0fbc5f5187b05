import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { CommandFailure } from '../../src/cli/exit-codes.ts'
import { WhyPage } from '../../src/cli/why.ts'
import type { Event } from '../../src/contract/events.ts'
import { ikeSaId } from '../../src/contract/units.ts'

const folder = mkdtempSync(join(tmpdir(), 'why-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'why.html')
const at = Date.UTC(2026, 0, 2, 3, 4, 5)
const identity = (text: string) => ({ type: 2, value: utf8(text) })
const failed = (got: string): Event => ({
  name: 'ike-sa-failed',
  ikeSa: ikeSaId(1),
  connection: 'peer',
  fault: { family: 'policy', code: 'POLICY_IDENTITY_UNKNOWN', message: 'not the one' },
  refusal: { kind: 'identity', got: identity(got), expected: [identity('other.example')], reason: 'value' },
})
const written = (work: (page: WhyPage) => void): string => {
  const page = new WhyPage(path)
  work(page)
  page.close()
  return readFileSync(path, 'utf8')
}

describe('the page that says why', () => {
  test('has what failed, when, and the comparison', () => {
    const html = written((page) => page.record(failed('peer.example'), at))
    expect(html).toMatch(/^<!doctype html>/)
    expect(html).toContain('<h2>IKE SA failed</h2>\n<p>2026-01-02T03:04:05.000Z</p>')
    expect(html).toContain('is not the expected other.example</summary><pre>    got peer.example\n    expected other.example</pre>')
    expect(html).toMatch(/<\/html>\n$/)
    expect(html).not.toContain('No negotiation failed.')
  })

  test('shows what a peer calls itself as text', () => {
    const html = written((page) => page.record(failed('</pre><script>alert(1)</script>'), at))
    expect(html).toContain('&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).not.toContain('<script>alert')
  })

  test('says so when nothing failed, and leaves nothing of an earlier run', () => {
    writeFileSync(path, 'an earlier run')
    const html = written((page) => page.record({ name: 'ike-sa-closed', ikeSa: ikeSaId(1), by: 'us' }, at))
    expect(html).not.toContain('an earlier run')
    expect(html).toContain('<p>No negotiation failed.</p>')
  })

  test('can be read before it is closed', () => {
    const page = new WhyPage(path)
    page.record(failed('peer.example'), at)
    expect(readFileSync(path, 'utf8')).toContain('got peer.example')
    page.close()
  })

  test('is bounded, whatever strangers do', () => {
    const html = written((page) => {
      for (let i = 0; i < 510; i++) page.record(failed('peer.example'), at)
    })
    expect(html.match(/<section>/g)).toHaveLength(500)
    expect(html).toContain('10 more failures are not on this page.')
  })

  test('that cannot be written is a fault of the configuration', () => {
    expect(() => new WhyPage(join(folder, 'nowhere', 'why.html'))).toThrow(CommandFailure)
  })
})
