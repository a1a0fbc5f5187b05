import { describe, expect, test } from 'vitest'
import { formatLadder, formatMessage, formatPayloads, type LadderRow } from '../../src/inspect/ladder.ts'
import { espSpi } from '../../src/contract/units.ts'
import { at, endpoint, message } from './samples.ts'

const shape = { width: 80, localName: 'a', remoteName: 'b' }
const rowOf = (changes: Parameters<typeof message>[0]): LadderRow => ({ kind: 'message', message: message(changes) })

const request = rowOf({})
const response = rowOf({ at: at(2.25), direction: 'received', role: 'response', length: 240 })

describe('a ladder', () => {
  test('shows who sent what, how long it was, and what was in it', () => {
    const auth = rowOf({
      at: at(4),
      exchangeType: 35,
      messageId: 1,
      local: endpoint('192.0.2.1', 4500),
      remote: endpoint('192.0.2.2', 4500),
      payloads: ['SK', 'IDi', 'AUTH', 'N(USE_TRANSPORT_MODE)', 'SA', 'TSi', 'TSr'],
      length: 220,
    })
    const esp: LadderRow = { kind: 'esp', at: at(6), direction: 'received', spi: espSpi(0x0badcafe), packets: 1000, octets: 84000 }
    expect(formatLadder([request, response, auth, esp], shape).split('\n')).toEqual([
      '            a                                                                  b',
      '      192.0.2.1:500                                                192.0.2.2:500',
      '            │                                                                  │',
      '     0.0 ms │─ IKE_SA_INIT request 0, 236 octets ─────────────────────────────▶│',
      '            │  SA, KE, Nonce                                                   │',
      '     2.3 ms │◀─ IKE_SA_INIT response 0, 240 octets ────────────────────────────│',
      '            │  SA, KE, Nonce                                                   │',
      '     4.0 ms │· now between 192.0.2.1:4500 and 192.0.2.2:4500 (was              │',
      '            │  192.0.2.1:500 and 192.0.2.2:500)                                │',
      '     4.0 ms │─ IKE_AUTH request 1, 220 octets ────────────────────────────────▶│',
      '            │  SK{IDi, AUTH, N(USE_TRANSPORT_MODE), SA, TSi, TSr}              │',
      '     6.0 ms │◀═ ESP 0x0badcafe: 1000 packets, 84000 octets ════════════════════│',
      '            │                                                                  │',
    ])
  })

  test('marks what was sent again, and does not repeat what was in it', () => {
    const again = rowOf({ at: at(500) })
    const third = rowOf({ at: at(1500) })
    const lines = formatLadder([request, again, third, response], shape).split('\n')
    expect(lines.filter((line) => line.includes('request 0'))).toEqual([
      expect.stringContaining('IKE_SA_INIT request 0, 236 octets ─'),
      expect.stringContaining('IKE_SA_INIT request 0, 236 octets, transmission 2 ─'),
      expect.stringContaining('IKE_SA_INIT request 0, 236 octets, transmission 3 ─'),
    ])
    expect(lines.filter((line) => line.includes('SA, KE, Nonce'))).toHaveLength(2)
  })

  test('says how many fragments a message went in', () => {
    const long = message({ exchangeType: 35, messageId: 1, length: 2_700, fragments: 3, payloads: ['SKF', 'IDi', 'AUTH'] })
    const ladder = formatLadder([{ kind: 'message', message: long }], shape)
    expect(ladder).toContain('IKE_AUTH request 1, 2700 octets in 3 fragments ─')
    expect(ladder).toContain('SKF{IDi, AUTH}')
  })

  test('does not take a retry with a cookie for a retransmission', () => {
    const retry = rowOf({ at: at(3), payloads: ['N(COOKIE)', 'SA', 'KE', 'Nonce'], length: 264 })
    expect(formatLadder([request, response, retry], shape)).not.toContain('transmission')
  })

  test('keeps its lines as wide as was asked, however long a payload is called', () => {
    const long = rowOf({ payloads: ['x'.repeat(300), 'N(NAT_DETECTION_DESTINATION_IP)', 'N(NAT_DETECTION_SOURCE_IP)', 'SA'] })
    for (const width of [60, 100, 133]) {
      const widths = formatLadder([long, response], { ...shape, width })
        .split('\n')
        .map((line) => line.length)
      expect(Math.max(...widths)).toBe(width)
    }
  })

  test('lets no text of a peer steer the terminal', () => {
    const hostile = rowOf({ payloads: ['V(\u001b[2J\u202e)'] })
    const ladder = formatLadder([hostile, { kind: 'note', at: at(1), text: 'peer \u0007' }], { ...shape, remoteName: '\u001b]0;x\u0007' })
    expect(ladder.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(ladder).toContain('V(\\x1b[2J\\u{202e})')
  })

  test('of nothing is nothing', () => {
    expect(formatLadder([], shape)).toBe('')
  })
})

describe('one message', () => {
  test('fits on a line of a log', () => {
    expect(formatMessage(message({}))).toBe('→ IKE_SA_INIT request 0, 236 octets to 192.0.2.2:500: SA, KE, Nonce')
    expect(formatMessage(message({ direction: 'received', role: 'response' }))).toBe(
      '← IKE_SA_INIT response 0, 236 octets from 192.0.2.2:500: SA, KE, Nonce',
    )
  })
  test.each([
    [['SA', 'KE'], 'SA, KE'],
    [['SK'], 'SK{}'],
    [['SK', 'D'], 'SK{D}'],
    [['N(COOKIE)', 'SK', 'IDi', 'AUTH'], 'N(COOKIE), SK{IDi, AUTH}'],
    [[], ''],
  ])('writes its payloads as RFC 7296 does: %j', (payloads, text) => {
    expect(formatPayloads(payloads)).toBe(text)
  })
})
