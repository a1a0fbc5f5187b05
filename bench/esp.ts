// Whole ESP, sealing and opening, beside the bare primitives on the same octets in the same rounds.
// Transport mode over IPv4, framed as a UDP socket carries ESP, in bursts; with a replay window.
import { Secret } from '../src/bytes/secret.ts'
import type { SaInstall } from '../src/contract/install.ts'
import { PacketBatch } from '../src/contract/packets.ts'
import type { ChildSaId, IkeSaId, Spi } from '../src/contract/units.ts'
import type { CryptoProvider } from '../src/crypto/provider.ts'
import { nodeProvider } from '../src/crypto/providers/node.ts'
import { portableProvider } from '../src/crypto/providers/portable.ts'
import type { InboundSa } from '../src/ipsec/inbound.ts'
import type { OutboundSa } from '../src/ipsec/outbound.ts'
import { createInboundSa, createOutboundSa } from '../src/ipsec/sa.ts'
import { ipv4Packet } from '../src/net/build.ts'
import { type Contender, type Effort, median, cpuTime, race, timed } from './measure.ts'
import { pathDefaults } from '../src/policy/defaults.ts'
import { address, alice, bob, systemRandom, the } from './fixtures.ts'
import { type MakePrimitives, primitives } from './primitives.ts'
import { type BenchSuite, suites } from './suites.ts'

export interface EspRow {
  readonly suite: string
  readonly provider: string
  /** Octets of the plain IP packet. */
  readonly size: number
  readonly op: 'seal' | 'open'
  /** Nanoseconds a packet: whole ESP or AH, and its primitives alone. */
  readonly ns: number
  readonly rawNs: number
  /** The median of the ratios of neighbouring bursts. */
  readonly ratio: number
}

/** Octets of plain IP packets. */
const sizes: readonly number[] = [64, 512, 1400, 8192]
const packetsInBurst = 32

export function benchEsp(effort: Effort, report: (rows: readonly EspRow[]) => void): readonly EspRow[] {
  // The portable one first: it lives off the compiler, which does not do well on code that another provider has been through.
  const providers = { portable: portableProvider({ random: systemRandom }), node: nodeProvider() }
  const rows: EspRow[] = []
  for (const [name, provider] of Object.entries(providers)) {
    for (const suite of suites) {
      const make = primitives[name]?.[suite.name]
      if (make === undefined) throw new RangeError(`no primitives for ${suite.name} of ${name}`)
      for (const size of sizes) rows.push(...measure(effort, provider, suite, size, make))
      report(rows.slice(-2 * sizes.length))
    }
  }
  return rows
}

function measure(effort: Effort, provider: CryptoProvider, suite: BenchSuite, size: number, make: MakePrimitives): readonly EspRow[] {
  return rowsOf(effort, provider.name, suite.name, size, contenders(provider, suite, size, make))
}

/** All four against each other. */
export function rowsOf(effort: Effort, provider: string, suite: string, size: number, all: Contenders): readonly EspRow[] {
  const { seal, open, rawSeal, rawOpen } = all
  const [seals = [], opens = [], rawSeals = [], rawOpens = []] = race(effort, [seal, open], [rawSeal], [rawOpen])
  const row = (op: 'seal' | 'open', whole: readonly number[], raw: readonly number[]): EspRow => ({
    suite,
    provider,
    size,
    op,
    ns: median(whole),
    rawNs: median(raw),
    ratio: median(whole.map((ns, i) => ns / (raw[i] ?? Number.NaN))),
  })
  return [row('seal', seals, rawSeals), row('open', opens, rawOpens)]
}

export interface Contenders {
  readonly seal: Contender
  /** Opens what `seal` has just sealed. */
  readonly open: Contender
  readonly rawSeal: Contender
  readonly rawOpen: Contender
}

function contenders(provider: CryptoProvider, suite: BenchSuite, size: number, make: MakePrimitives): Contenders {
  const { outbound, inbound } = pair(provider, suite)
  const packet = ipv4Packet({ source: alice, destination: bob, protocol: udp, payload: systemRandom(size - ipHeader) })
  const batch = new PacketBatch(packetsInBurst, size)
  const whole = (work: () => void): number => {
    const start = cpuTime()
    work()
    const elapsed = cpuTime() - start
    if (batch.outcome.some((outcome) => outcome !== 0)) throw new Error(`${suite.name}: a packet was dropped`)
    return elapsed
  }
  const seal = (): number => {
    batch.clear()
    for (let i = 0; i < packetsInBurst; i++) batch.add(packet)
    return whole(() => outbound.seal(batch, 0, packetsInBurst, 'esp'))
  }
  seal()
  const raw = make(pieces(provider, suite, batch))
  return {
    seal: { count: packetsInBurst, burst: seal },
    open: { count: packetsInBurst, burst: () => whole(() => inbound.open(batch, 0, packetsInBurst, 'esp', undefined)) },
    rawSeal: { count: packetsInBurst, burst: () => timed(packetsInBurst, (i) => raw.seal(i)) },
    rawOpen: { count: packetsInBurst, burst: () => timed(packetsInBurst, (i) => raw.open(i)) },
  }
}

/** The regions that ESP gave to the cipher and to the MAC, of the same lengths and as far apart. */
function pieces(provider: CryptoProvider, suite: BenchSuite, batch: PacketBatch): Parameters<MakePrimitives>[0] {
  const cipher = provider.packetCipher(suite.suite, keysFor(provider, suite))
  if (cipher === undefined) throw new Error(`no cipher for ${suite.name}`)
  const arena = batch.arena.slice()
  return Array.from({ length: packetsInBurst }, (_, i) => {
    const start = batch.offset[i] ?? 0
    const end = start + (batch.length[i] ?? 0) - cipher.icvLength
    return { text: arena.subarray(start + espHeader + cipher.ivLength, end), covered: arena.subarray(start, end) }
  })
}

function pair(provider: CryptoProvider, suite: BenchSuite): { readonly outbound: OutboundSa; readonly inbound: InboundSa } {
  const { encryption, integrity } = keysFor(provider, suite)
  const common = { suite: suite.suite, encryptionKey: encryption, integrityKey: integrity }
  return { outbound: createOutboundSa(install('out', common), provider), inbound: createInboundSa(install('in', common), provider) }
}

function keysFor(
  provider: CryptoProvider,
  { suite }: BenchSuite,
): { readonly encryption: Secret | undefined; readonly integrity: Secret | undefined } {
  const lengths = provider.packetKeyLengths(suite)
  const key = (length = 0): Secret | undefined => (length === 0 ? undefined : new Secret(systemRandom(length)))
  return { encryption: key(lengths?.encryption), integrity: key(lengths?.integrity) }
}

export function install(direction: 'in' | 'out', common: Pick<SaInstall, 'suite' | 'encryptionKey' | 'integrityKey'>): SaInstall {
  const everything = { protocol: 0, startPort: 0, endPort: 65535, startAddress: address('0.0.0.0'), endAddress: address('255.255.255.255') }
  const [local, remote] = direction === 'out' ? [alice, bob] : [bob, alice]
  return {
    ...common,
    ...ids,
    connection: 'bench',
    childName: 'bench',
    direction,
    mode: 'transport',
    localSelectors: [everything],
    remoteSelectors: [everything],
    local: { address: local, port: 4500 },
    remote: { address: remote, port: 4500 },
    encapsulation: 'udp',
    original: undefined,
    path: pathDefaults,
    laterFragments: 'not-agreed',
    replayWindow: 1024,
    tfc: undefined,
    soft: unlimited,
    hard: unlimited,
  }
}

const ids: Pick<SaInstall, 'ikeSa' | 'child' | 'spi'> = {
  ikeSa: the(1, (id): id is IkeSaId => id > 0),
  child: the(2, (id): id is ChildSaId => id > 0),
  spi: the(0x0badcafe, (spi): spi is Spi => spi > 255),
}
const unlimited = { packets: undefined, bytes: undefined, until: undefined }
const udp = 17
const ipHeader = 20
const espHeader = 8
