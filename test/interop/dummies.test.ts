// Dummy packets (RFC 4303 §2.6) with an ESP that is not ours: scapy opens all that a host sends, and finds Next Header 59 at the rate that was asked for.
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { dangerReveal } from '../../src/bytes/secret.ts'
import { later } from '../../src/contract/units.ts'
import { having, packetOf } from '../host/dummy-traffic.ts'
import { address, anyTraffic, type Side } from '../host/two-hosts.ts'
import { rekeyChild, up } from '../ike/two-ends.ts'
import { must } from './harness/command.ts'

/** A line of JSON has the keys by SPI, and packets in hexadecimal; the answer is Next Header and the length of the payload of each. */
const script = `
import json, sys
from scapy.all import IP
from scapy.layers.ipsec import SecurityAssociation, ESP
asked = json.load(sys.stdin)
sas = {int(spi): SecurityAssociation(ESP, spi=int(spi), crypt_algo='AES-GCM', crypt_key=bytes.fromhex(key), auth_algo='NULL', auth_key=None)
       for spi, key in asked['keys'].items()}
answers = []
for packet in asked['packets']:
    esp = IP(bytes.fromhex(packet))[ESP]
    sa = sas[esp.spi]
    plain = sa.crypt_algo.decrypt(sa, esp, sa.crypt_key, sa.crypt_algo.icv_size)
    answers.append([esp.spi, esp.seq, plain.nh, len(plain.data)])
print(json.dumps(answers))
`
const everywhere = { ...anyTraffic, addresses: { start: address('0.0.0.0'), end: address('255.255.255.255') } }
const bare: Partial<Side> = { bare: 'ip', connection: { encapsulation: 'when-needed' } }

describe.each([
  ['transport', {}, 280, 17],
  ['tunnel', { mode: 'tunnel', localSelectors: [everywhere], remoteSelectors: [everywhere] }, 300, 4],
] as const)('%s mode', (_, child, octets, real) => {
  test('ten in a second, beside packets and through rekeys, one number after the other', async () => {
    const side = having({ interval: 100, octets: { least: 300, most: 300 } }, child)
    const both = up({ ...bare, ...side }, { ...bare, child })
    const { network, a, b } = both
    const from = network.now
    const keys: Record<string, string> = {}
    /** Those of SAs that are gone are wiped. */
    const noteKeys = (): void => {
      for (const output of a.inputs.flatMap(({ outputs }) => outputs)) {
        if (output.kind !== 'install' || output.sa.direction !== 'out') continue
        const key = toHex(dangerReveal(output.sa.encryptionKey ?? expect.unreachable()))
        if (key !== '') keys[output.sa.spi] = key
      }
    }
    for (const at of [3_000, 6_000])
      network.plan(later(from, at), () => {
        noteKeys()
        rekeyChild(both, a)
      })
    const packets = 7
    for (let i = 0; i < packets; i++)
      network.plan(later(from, 1_010 + i * 1_000), () => network.feed(a, { kind: 'packet', bytes: packetOf(128) }))
    network.plan(later(from, 10_050), () => {})
    network.run(10_050)

    noteKeys()
    const sent = a.inputs.flatMap(({ at, outputs }) =>
      outputs.flatMap((output) =>
        output.kind === 'send' && output.datagram.channel === 'ip' ? [{ at, hex: toHex(output.datagram.bytes) }] : [],
      ),
    )
    const asked = JSON.stringify({ keys, packets: sent.map(({ hex }) => hex) })
    const printed = await must(
      ['/usr/bin/python3', '-W', 'ignore', '-c', `import io, sys\nsys.stdin = io.StringIO(sys.argv[1])\n${script}`, asked],
      {
        limit: 60_000,
      },
    )
    const answers: readonly (readonly [number, number, number, number])[] = JSON.parse(printed)

    const dummies = answers.flatMap(([, , nextHeader, length], i) => (nextHeader === 59 ? [{ at: sent[i]?.at ?? 0, length }] : []))
    expect(new Set(dummies.map(({ length }) => length))).toEqual(new Set([octets]))
    // Of each interval with a packet in it the dummy is left out.
    expect([dummies.length, answers.filter(([, , nextHeader]) => nextHeader === real).length]).toEqual([100 - packets, packets])
    expect(new Set(dummies.map(({ at }) => (at - from) % 100)).size).toBe(1)
    expect(new Set(answers.map(([spi]) => spi)).size).toBe(3)
    const numbers = new Map<number, number>()
    for (const [spi, number] of answers) {
      expect(number).toBe((numbers.get(spi) ?? 0) + 1)
      numbers.set(spi, number)
    }
    expect(b.delivered.map(({ bytes }) => toHex(bytes))).toEqual(Array.from({ length: packets }, () => toHex(packetOf(128))))
    expect(b.host.counters.dropped).toEqual({ 'dummy-packet': dummies.length })
  })
})
