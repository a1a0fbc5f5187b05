// What it costs to put IP packets together from their fragments, and to take them apart (RFC 791 §3.2, RFC 8200 §4.5).
import { ipProtocol } from '../src/iana/ip-protocols.ts'
import type { Address } from '../src/net/address.ts'
import { ipPacket } from '../src/net/build.ts'
import { instant } from '../src/contract/units.ts'
import { fragmentPacket } from '../src/net/fragment.ts'
import { emptyLayout, readLayout } from '../src/net/layout.ts'
import { Reassembly } from '../src/net/reassembly.ts'
import { address } from './fixtures.ts'
import { type Contender, type Effort, median, race, timed } from './measure.ts'
import type { Figure } from './report.ts'

const mtu = 1500
const cases: readonly { readonly name: string; readonly ends: readonly [Address, Address]; readonly length: number }[] = [
  { name: '2,800 octets, IPv4', ends: [address('192.0.2.1'), address('192.0.2.2')], length: 2_800 },
  { name: '2,800 octets, IPv6', ends: [address('2001:db8::1'), address('2001:db8::2')], length: 2_800 },
  { name: '60,000 octets, IPv4', ends: [address('192.0.2.1'), address('192.0.2.2')], length: 60_000 },
]
const packets = 64

/** For each fragment of at most 1,500 octets. */
export function benchFragments(effort: Effort): readonly Figure[] {
  return cases.flatMap(({ name, ends: [source, destination], length }) => {
    const packet = ipPacket(source, destination, ipProtocol.UDP, new Uint8Array(length))
    const cut = Array.from({ length: packets }, (_, i) => fragmentsOf(packet, i + 1))
    const each = cut[0]?.length ?? 1
    const together: Contender = { count: packets * each, burst: () => putTogether(cut) }
    const apart: Contender = { count: packets * each, burst: () => timed(packets, (i) => fragmentsOf(packet, i + 1)) }
    const [joining = [], cutting = []] = race(effort, [together], [apart])
    return [
      { name: `put together, a fragment, ${name}`, value: median(joining), unit: 'ns' },
      { name: `take apart, a fragment, ${name}`, value: median(cutting), unit: 'ns' },
    ]
  })
}

function putTogether(cut: readonly (readonly Uint8Array[])[]): number {
  const reassembly = new Reassembly()
  let whole = 0
  const elapsed = timed(cut.length, (i) => {
    for (const fragment of cut[i] ?? []) {
      if (readLayout(fragment, 0, fragment.length, layout) && reassembly.add(now, fragment, layout, 0).kind === 'whole') whole++
    }
  })
  if (whole !== cut.length) throw new Error(`${whole} of ${cut.length} packets are whole`)
  return elapsed
}

const layout = emptyLayout()
const now = instant(0)

function fragmentsOf(packet: Uint8Array, identification: number): readonly Uint8Array[] {
  const cut = fragmentPacket(packet, mtu, identification)
  if (cut.kind !== 'fragments') throw new Error(`a packet was not taken apart: ${cut.kind}`)
  return cut.fragments
}
