// scapy puts together what we fragment, and the other way round: both versions, several sizes.
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/bytes.ts'
import { instant } from '../../src/contract/units.ts'
import { parseAddress } from '../../src/net/address.ts'
import { ipv4Packet, ipv6Packet, udpDatagram } from '../../src/net/build.ts'
import { fragmentPacket } from '../../src/net/fragment.ts'
import { emptyLayout, readLayout } from '../../src/net/layout.ts'
import { Reassembly } from '../../src/net/reassembly.ts'

const at = (text: string) => parseAddress(text) ?? expect.unreachable(text)
const ends = { 4: [at('192.0.2.1'), at('192.0.2.2')], 6: [at('2001:db8::1'), at('2001:db8::2')] } as const

function packet(version: 4 | 6, length: number): Uint8Array {
  const [source, destination] = ends[version]
  const payload = udpDatagram({
    source: { address: source, port: 4000 },
    destination: { address: destination, port: 5000 },
    payload: Uint8Array.from({ length }, (_, i) => i * 11),
  })
  return version === 4
    ? ipv4Packet({ source, destination, protocol: 17, payload, identification: 0x1234 })
    : ipv6Packet({ source, destination, protocol: 17, payload })
}

/** All questions at once, since scapy takes its time to start. */
function ask(questions: readonly object[]): readonly unknown[] {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('')
  const script = new URL('scapy-fragments.py', import.meta.url).pathname
  const said = execFileSync('/usr/bin/python3', [script], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] })
  return said
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

const samples = ([4, 6] as const).flatMap((version) =>
  [1280, 1400, 576].flatMap((mtu) =>
    [1400, 3000, 9001].map((length) => ({ version, mtu: version === 6 ? Math.max(1280, mtu) : mtu, length })),
  ),
)

describe('fragments', () => {
  test('of ours become the packet in scapy', () => {
    const questions = samples.map(({ version, mtu, length }) => {
      // scapy 2.5 does not sort fragments of IPv6.
      const cut = fragmentPacket(packet(version, length), mtu, 77)
      return {
        ask: 'mend',
        fragments: cut.kind === 'fragments' ? (version === 4 ? cut.fragments.toReversed() : cut.fragments).map(toHex) : [],
      }
    })
    expect(ask(questions)).toEqual(samples.map(({ version, length }) => toHex(packet(version, length))))
  })

  test('of scapy become the packet here', () => {
    const answers = ask(samples.map(({ version, mtu, length }) => ({ ask: 'cut', packet: toHex(packet(version, length)), mtu })))
    for (const [i, answer] of answers.entries()) {
      const { version, length } = samples[i] ?? expect.unreachable()
      const fragments = Array.isArray(answer) ? answer.map((part) => fromHex(String(part)) ?? expect.unreachable()) : []
      expect(fragments.length).toBeGreaterThan(1)
      const reassembly = new Reassembly()
      const layout = emptyLayout()
      const outcomes = fragments.map((fragment) => {
        expect(readLayout(fragment, 0, fragment.length, layout)).toBe(true)
        return reassembly.add(instant(0), fragment, layout, 0)
      })
      const done = outcomes.at(-1)
      expect(done?.kind === 'whole' ? toHex(done.packet) : done).toBe(toHex(packet(version, length)))
    }
  })
})
