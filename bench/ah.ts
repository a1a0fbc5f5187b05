// Whole AH, sealing and opening, beside its MAC on the same octets in the same rounds: transport mode over IPv4, in bursts; with a replay window.
import { Secret } from '../src/bytes/secret.ts'
import { PacketBatch } from '../src/contract/packets.ts'
import type { ChildSuite } from '../src/contract/transforms.ts'
import type { CryptoProvider } from '../src/crypto/provider.ts'
import { nodeProvider } from '../src/crypto/providers/node.ts'
import { portableProvider } from '../src/crypto/providers/portable.ts'
import { integrity, transformType } from '../src/iana/transforms.ts'
import { protocol } from '../src/iana/protocols.ts'
import { createInboundSa, createOutboundSa } from '../src/ipsec/sa.ts'
import { ipv4Packet } from '../src/net/build.ts'
import { type Contenders, type EspRow, install, rowsOf } from './esp.ts'
import { alice, bob, systemRandom } from './fixtures.ts'
import { cpuTime, type Effort, timed } from './measure.ts'
import { type MakePrimitives, primitives } from './primitives.ts'

const suites: Readonly<Record<string, number>> = {
  'ah-sha256': integrity.AUTH_HMAC_SHA2_256_128,
  'ah-aes128gmac': integrity.AUTH_AES_128_GMAC,
}
const sizes: readonly number[] = [64, 512, 1400]
const packetsInBurst = 32

export function benchAh(effort: Effort, report: (rows: readonly EspRow[]) => void): readonly EspRow[] {
  const rows: EspRow[] = []
  for (const provider of [portableProvider({ random: systemRandom }), nodeProvider()]) {
    for (const [name, id] of Object.entries(suites)) {
      const make = primitives[provider.name]?.[name]
      if (make === undefined) throw new RangeError(`no primitives for ${name} of ${provider.name}`)
      for (const size of sizes) rows.push(...rowsOf(effort, provider.name, name, size, contenders(provider, id, size, make)))
      report(rows.slice(-2 * sizes.length))
    }
  }
  return rows
}

function contenders(provider: CryptoProvider, id: number, size: number, make: MakePrimitives): Contenders {
  const suite: ChildSuite = {
    protocol: protocol.AH,
    encryption: undefined,
    integrity: { type: transformType.INTEG, id, keyLength: undefined },
    extendedSequence: 'no-esn',
  }
  const integrityKey = new Secret(systemRandom(provider.packetKeyLengths(suite)?.integrity ?? 0))
  const common = { suite, encryptionKey: undefined, integrityKey }
  const outbound = createOutboundSa({ ...install('out', common), encapsulation: 'none' }, provider)
  const inbound = createInboundSa({ ...install('in', common), encapsulation: 'none' }, provider)
  const packet = ipv4Packet({ source: alice, destination: bob, protocol: 17, payload: systemRandom(size - 20) })
  const batch = new PacketBatch(packetsInBurst, size)
  const whole = (work: () => void): number => {
    const start = cpuTime()
    work()
    const elapsed = cpuTime() - start
    if (batch.outcome.some((outcome) => outcome !== 0)) throw new Error('a packet was dropped')
    return elapsed
  }
  const seal = (): number => {
    batch.clear()
    for (let i = 0; i < packetsInBurst; i++) batch.add(packet)
    return whole(() => outbound.seal(batch, 0, packetsInBurst, 'ip'))
  }
  seal()
  // The whole IP packet is what the MAC runs over.
  const arena = batch.arena.slice()
  const pieces = Array.from({ length: packetsInBurst }, (_, i) => {
    const start = batch.offset[i] ?? 0
    const covered = arena.subarray(start, start + (batch.length[i] ?? 0))
    return { text: covered, covered }
  })
  const raw = make(pieces)
  return {
    seal: { count: packetsInBurst, burst: seal },
    open: { count: packetsInBurst, burst: () => whole(() => inbound.open(batch, 0, packetsInBurst, 'ip', undefined)) },
    rawSeal: { count: packetsInBurst, burst: () => timed(packetsInBurst, (i) => raw.seal(i)) },
    rawOpen: { count: packetsInBurst, burst: () => timed(packetsInBurst, (i) => raw.open(i)) },
  }
}
