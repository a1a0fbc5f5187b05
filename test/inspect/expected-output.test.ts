// What other tools printed of captures that they publish beside them (`../shared/data`): tcpdump, arkime, zeek.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatSpi } from '../../src/contract/units.ts'
import type { Summary } from '../../src/inspect/span.ts'
import { decodeCapture } from './decoding.ts'

const data = join(import.meta.dirname, '../../../shared/data')
const present = existsSync(data)
const where = present ? '' : ' (SKIPPED: ../shared/data is not here)'

const text = (file: string): string => readFileSync(join(data, file), 'utf8')
const summaries = (file: string): readonly Summary[] =>
  decodeCapture(new Uint8Array(readFileSync(join(data, file)))).frames.flatMap(({ annotation }) =>
    annotation === undefined ? [] : [annotation.summary],
  )

describe.skipIf(!present)(`tcpdump${where}`, () => {
  /** Its words for exchanges and payloads. */
  const exchanges: Readonly<Record<string, string>> = {
    'parent_sa ikev2_init': 'IKE_SA_INIT',
    'child_sa  ikev2_auth': 'IKE_AUTH',
    'child_sa  child_sa': 'CREATE_CHILD_SA',
    'parent_sa inf2': 'INFORMATIONAL',
  }
  const payloads: Readonly<Record<string, string>> = { sa: 'SA', v2ke: 'KE', nonce: 'NONCE', n: 'N', v2e: 'SK', v2vid: 'V' }

  test('the messages of ikev2four, with their payloads', () => {
    const messages = text('tcpdump/ikev2fourv.out').split(/^ {4}(?=\d+\.\d+\.\d+\.\d+\.\d+ > )/m)
    const theirs = messages.slice(1).map((message) => {
      const [, messageId, initiator, responder, exchange, side] =
        /msgid (\w+) cookie (\w+)->(\w+): (\w+ +\w+)\[(\w)/.exec(message) ?? expect.unreachable(message)
      const names = [...message.matchAll(/^ {4}\((\w+)/gm)].map(([, name]) => payloads[name ?? ''] ?? name)
      return [`0x${messageId}`, initiator, responder, exchanges[exchange ?? ''], side, names.join()]
    })
    const ours = summaries('tcpdump/ikev2four.pcap').map(({ ike }) => [
      formatSpi(ike?.messageId ?? -1),
      ike?.initiatorSpi,
      ike?.responderSpi,
      ike?.exchange,
      ike?.direction === 'response' ? 'R' : 'I',
      ike?.payloads
        .filter((label) => label !== '…')
        .map((label) => label.replace(/\(.*/, ''))
        .join(),
    ])
    expect(theirs).toHaveLength(21)
    expect(ours).toEqual(theirs)
  })

  test.each([
    ['esp0.out', '02-sunrise-sunset-esp.pcap'],
    ['espudp1.out', 'espudp1.pcap'],
  ])('the ESP packets of %s', (output, capture) => {
    const theirs = [...text(`tcpdump/${output}`).matchAll(/ESP\(spi=0x(\w+),seq=0x(\w+)\)/g)].map(([, spi, sequence]) => [
      `0x${spi}`,
      Number.parseInt(sequence ?? '', 16),
    ])
    expect(theirs.length).toBeGreaterThan(0)
    expect(summaries(`tcpdump/${capture}`).map(({ security }) => [formatSpi(security?.spi ?? 0), security?.sequence])).toEqual(theirs)
  })
})

test.skipIf(!present)(`arkime: the exchanges and SPIs of IKEv2.pcap${where}`, () => {
  const file: unknown = JSON.parse(text('arkime/IKEv2.test'))
  const sessions: unknown = Reflect.get(Object(file), 'sessions3')
  const [first]: unknown[] = Array.isArray(sessions) ? sessions : []
  const isakmp: unknown = Reflect.get(Object(Reflect.get(Object(first), 'body')), 'isakmp')
  const ike = summaries('arkime/IKEv2.pcap').flatMap((summary) => (summary.ike === undefined ? [] : [summary.ike]))
  const sorted = (values: readonly string[]): readonly string[] => [...new Set(values)].sort()
  expect(isakmp).toMatchObject({
    exchangeType: sorted(ike.map(({ exchange }) => exchange.toLowerCase().replaceAll('_', '-'))),
    initiatorSpi: sorted(ike.map(({ initiatorSpi }) => initiatorSpi)),
    responderSpi: sorted(ike.map(({ responderSpi }) => responderSpi).filter((spi) => spi !== '0000000000000000')),
  })
})

test.skipIf(!present)(`zeek: the responses of ikev2.pcap, with their notifications${where}`, () => {
  const rows = text('zeek-plugin-ikev2/tests/Baseline/ikev2.ikev2/ikev2.log')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
  const theirs = rows.map((row) => [row[7], row[8], Number(row[10]), row[15]])
  const ours = summaries('zeek-plugin-ikev2/tests/Traces/ikev2.pcap').flatMap(({ ike }) =>
    ike === undefined || ike.direction === 'request' || ike.exchange !== 'IKE_SA_INIT'
      ? []
      : [
          [
            ike.initiatorSpi,
            ike.responderSpi,
            ike.exchangeType,
            ike.payloads.flatMap((label) => /^N\((.*)\)$/.exec(label)?.slice(1, 2) ?? []).join(),
          ],
        ],
  )
  expect(theirs.length).toBeGreaterThan(0)
  expect(ours).toEqual(theirs)
})

describe.skipIf(!present)(`a capture with ciphers of all kinds${where}`, () => {
  // Wireshark's sample of ESP, published by arkime: of its 24 SAs four have the NULL cipher, and these are pings with right checksums inside.
  test('which flows are only authenticated, without any keys', () => {
    const { decoder } = decodeCapture(new Uint8Array(readFileSync(join(data, 'arkime/wireshark-esp.pcap'))))
    const clear = decoder.espFlows.filter(({ verdict }) => verdict.state === 'authenticated-only')
    expect(clear.map(({ destination }) => destination)).toEqual(['190.0.0.5', '190.0.0.15', '3ffe::5', '3ffe::15'])
    expect(decoder.espFlows.filter(({ verdict }) => verdict.state === 'encrypted')).toHaveLength(20)
  })

  test.each(['02-sunrise-sunset-esp', '08-sunrise-sunset-aes', '08-sunrise-sunset-esp2', 'espudp1'])(
    '%s of tcpdump is encrypted',
    (file) => {
      const { decoder } = decodeCapture(new Uint8Array(readFileSync(join(data, `tcpdump/${file}.pcap`))))
      expect(decoder.espFlows).toMatchObject([{ verdict: { state: 'encrypted' }, packets: 8 }])
    },
  )
})
