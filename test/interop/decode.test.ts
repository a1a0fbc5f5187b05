// `ikebana decode` beside tshark: on captures that others published, and on our own with its keys. The same exchanges, SPIs, Message IDs and
// payloads of IKEv2, the same SPIs and sequence numbers of ESP and AH.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatSpi } from '../../src/contract/units.ts'
import { payloadTypes } from '../../src/iana/payloads.ts'
import type { DecodedFrame } from '../../src/inspect/frame-decoder.ts'
import type { Summary } from '../../src/inspect/span.ts'
import { decodeCapture } from '../inspect/decoding.ts'
import { must } from './harness/command.ts'
import { fields, type Wireshark } from './harness/tshark.ts'

const data = join(import.meta.dirname, '../../../shared/data')
const root = join(import.meta.dirname, '../..')
const present = existsSync(data)
const where = present ? '' : ' (SKIPPED: ../shared/data is not here)'
const files = present
  ? readdirSync(data, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.pcap(ng)?$/.test(name))
      .sort()
  : ['none']
const folder = mkdtempSync(join(tmpdir(), 'decode-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What both are asked of a frame; lists as text. */
interface Row {
  readonly exchange: string
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly messageId: string
  readonly payloads: string
  readonly esp: string
  readonly ah: string
}

describe.skipIf(!present)(`public captures${where}`, () => {
  test.each(files)('%s', async (file) => {
    const capture = join(data, file)
    const theirs = await askWireshark({ capture, keys: folder })
    const { frames } = decodeCapture(new Uint8Array(readFileSync(capture)))
    const ours = new Map(frames.flatMap((decoded) => (hasRow(decoded) ? [[decoded.frame.number, rowOf(decoded)] as const] : [])))
    const broken = new Set(frames.filter(({ faults }) => faults.length > 0).map(({ frame }) => frame.number))
    // Where we find a fault, tshark goes on as it can: there is nothing to agree about.
    const comparable = (rows: ReadonlyMap<number, Row>): Readonly<Record<number, Row>> =>
      Object.fromEntries([...rows].filter(([number]) => !broken.has(number)))
    expect(comparable(ours)).toEqual(comparable(theirs))
  })

  test('the comparison has something to compare', async () => {
    const rows = await Promise.all(
      ['arkime/IKEv2.pcap', 'arkime/ah-esp.pcap'].map((file) => askWireshark({ capture: join(data, file), keys: folder })),
    )
    expect(rows.map((each) => each.size)).toEqual([197, 10])
  })
})

describe('our own capture with its keys', () => {
  beforeAll(async () => {
    await must([process.execPath, '--import', 'tsx', 'src/cli/main.ts', 'demo', '--json', '--out', folder], { cwd: root })
  })

  test('decodes fully, and what is inside SK and ESP is what tshark sees there', async () => {
    const command = ['decode', join(folder, 'demo.pcapng'), '--keys', join(folder, 'demo-keys'), '--json']
    const output = await must([process.execPath, '--import', 'tsx', 'src/cli/main.ts', ...command], { cwd: root, limit: 60_000 })
    const lines = output
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    // Frames, and one line for each of the two flows of ESP.
    expect(lines).toHaveLength(2006 + 2)
    const text = (line: unknown): unknown => Reflect.get(Object(Reflect.get(Object(line), 'summary')), 'text')
    const echoes = lines.map(text).filter((said) => /^ESP 0x.*: ICMP Echo/.test(String(said)))
    expect(echoes).toHaveLength(2000)
    expect(output).not.toContain('"authentication":"not-authenticated"')
    expect(output.match(/"authentication":"authenticated"/g)).toHaveLength(2004)

    const wireshark = { capture: join(folder, 'demo.pcapng'), keys: join(folder, 'demo-keys') }
    const theirs = await fields(wireshark, 'isakmp', ['isakmp.exchangetype', 'isakmp.typepayload'])
    const ours = lines.flatMap((line) => ikeOf(line))
    expect(ours).toEqual(theirs.map(([exchange, types]) => `${exchange} ${outerPayloads(types ?? '')}`))
  })
})

async function askWireshark(wireshark: Wireshark): Promise<ReadonlyMap<number, Row>> {
  const ike = ['isakmp.exchangetype', 'isakmp.ispi', 'isakmp.rspi', 'isakmp.messageid', 'isakmp.typepayload']
  const names = ['frame.number', ...ike, 'esp.spi', 'esp.sequence', 'ah.spi', 'ah.sequence']
  const rows = await fields(wireshark, 'isakmp.version == 0x20 || esp || ah', names)
  return new Map(
    rows.map(([number, exchange = '', initiatorSpi = '', responderSpi = '', messageId = '', types = '', ...security]) => [
      Number(number),
      {
        exchange,
        initiatorSpi,
        responderSpi,
        messageId,
        payloads: outerPayloads(types),
        esp: pair(security[0], security[1]),
        ah: pair(security[2], security[3]),
      },
    ]),
  )
}

/** Without the substructures of SA, which tshark lists among the payloads as 2 and 3. */
const outerPayloads = (types: string): string =>
  types
    .split(',')
    .filter((type) => type !== '2' && type !== '3')
    .join(',')

const pair = (spi: string | undefined, sequence: string | undefined): string =>
  spi === undefined || spi === '' ? '' : `${spi} ${sequence}`

const hasRow = ({ annotation }: DecodedFrame): boolean =>
  annotation !== undefined && (annotation.summary.ike?.majorVersion === 2 || annotation.summary.security !== undefined)

function rowOf({ annotation }: DecodedFrame): Row {
  const summary = annotation?.summary
  const ike = summary?.ike
  return {
    exchange: ike === undefined ? '' : `${ike.exchangeType}`,
    initiatorSpi: ike?.initiatorSpi ?? '',
    responderSpi: ike?.responderSpi ?? '',
    messageId: ike === undefined ? '' : formatSpi(ike.messageId),
    payloads: payloadNumbers(ike?.payloads ?? []),
    esp: securityOf(summary, 'ESP'),
    ah: securityOf(summary, 'AH'),
  }
}

function securityOf(summary: Summary | undefined, protocol: 'ESP' | 'AH'): string {
  for (let layer = summary; layer !== undefined; layer = layer.inside)
    if (layer.security?.protocol === protocol) return `${formatSpi(layer.security.spi)} ${layer.security.sequence}`
  return ''
}

/** `…` stands for what stays closed, which tshark does not list. */
const payloadNumbers = (labels: readonly string[]): string =>
  labels
    .filter((label) => label !== '…')
    .map(payloadNumber)
    .join(',')

/** `N(COOKIE)` is 41. */
function payloadNumber(label: string): number | string {
  const notation = label.replace(/\(.*$/, '')
  return payloadTypes.entries.find((entry) => entry.notation === notation)?.number ?? label
}

function ikeOf(line: unknown): readonly string[] {
  const ike: unknown = Reflect.get(Object(Reflect.get(Object(line), 'summary')), 'ike')
  if (typeof ike !== 'object' || ike === null) return []
  const payloads: unknown = Reflect.get(ike, 'payloads')
  if (!Array.isArray(payloads)) return []
  return [`${String(Reflect.get(ike, 'exchangeType'))} ${payloadNumbers(payloads.map(String))}`]
}
