// Packets that were spoilt on their way, by the thousand, in every region: all are dropped and counted, none moves the window, and where the
// ICV was wrong nothing of what was inside stays in the arena. RFC 4303 §3.4.4, RFC 4302 §3.4.4.
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../src/bytes/bytes.ts'
import type { PacketBatch } from '../../src/contract/packets.ts'
import { drop } from '../../src/ipsec/drops.ts'
import type { Framing } from '../../src/ipsec/framing.ts'
import { type Stream, stream } from '../../src/lab/random.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import {
  ahSha256,
  batchOf,
  contains,
  endpoint,
  gmac128,
  type NamedSuite,
  open,
  outcomes,
  packets,
  pair,
  provider,
  seal,
  suites,
} from '../ipsec/fixtures.ts'
import { byEffort } from './effort.ts'

const count = byEffort({ short: 400, lab: 10_000, nightly: 10_000 })
const models = 50
const marker = utf8('MARKER-OF-PLAINTEXT')

interface Kind {
  readonly name: string
  readonly suite: NamedSuite
  readonly framing: Framing
  readonly mode: 'transport' | 'tunnel'
  readonly version: 4 | 6
}
interface Region {
  readonly name: string
  readonly from: number
  readonly to: number
}

const suiteNamed = (part: string): NamedSuite => {
  const found = suites.find(({ name }) => name.startsWith(part))
  if (found === undefined) throw new Error(`no suite ${part}`)
  return found
}
const esp = (name: string, mode: Kind['mode'] = 'transport', version: Kind['version'] = 4): Kind => ({
  name: `ESP in UDP, ${name}, ${mode} mode, IPv${version}`,
  suite: suiteNamed(name),
  framing: 'esp',
  mode,
  version,
})
const kinds: readonly Kind[] = [
  esp('AES-GCM-128'),
  esp('ChaCha20-Poly1305', 'tunnel', 6),
  esp('AES-CBC-128'),
  esp('AES-CBC-256', 'tunnel', 6),
  esp('NULL'),
  { name: 'ESP in UDP, NULL with AES-GMAC, transport mode, IPv4', suite: gmac128, framing: 'esp', mode: 'transport', version: 4 },
  { name: 'AH, IPv4', suite: ahSha256, framing: 'ip', mode: 'transport', version: 4 },
  { name: 'AH, IPv6', suite: ahSha256, framing: 'ip', mode: 'transport', version: 6 },
]

/** Of ESP everything is covered; of AH so are the immutable fields of the IP header (RFC 4302 §3.3.3.1). */
function regionsOf(kind: Kind, length: number): readonly Region[] {
  const region = (name: string, from: number, to: number): Region => ({ name, from, to })
  if (kind.framing === 'ip') {
    const addresses = kind.version === 4 ? region('addresses', 12, 20) : region('addresses', 8, 40)
    const start = addresses.to
    const id = kind.version === 4 ? [region('identification', 4, 6)] : []
    return [
      ...id,
      addresses,
      region('AH header', start, start + 4),
      region('SPI', start + 4, start + 8),
      region('sequence number', start + 8, start + 12),
      region('ICV', start + 12, start + 28),
      region('payload', start + 28, length),
    ]
  }
  const cipher = provider.packetCipher(kind.suite.suite, keysOf(kind))
  const [iv, icv] = [cipher?.ivLength ?? 0, cipher?.icvLength ?? 0]
  const ivRegion = iv === 0 ? [] : [region('IV', 8, 8 + iv)]
  return [
    region('SPI', 0, 4),
    region('sequence number', 4, 8),
    ...ivRegion,
    region('text', 8 + iv, length - icv),
    region('ICV', length - icv, length),
  ]
}

const keysOf = ({ suite }: Kind) => {
  const { encryptionKey, integrityKey } = pair({ suite }).receiver.install
  return { encryption: encryptionKey, integrity: integrityKey }
}

function spoil(sealed: Uint8Array, region: Region, chance: Stream): Uint8Array {
  const spoilt = sealed.slice()
  const changes = 1 + Math.floor(chance.fraction() * 3)
  for (let i = 0; i < changes; i++) {
    const at = region.from + Math.floor(chance.fraction() * (region.to - region.from))
    // Never what it was, whatever has been changed before.
    const now = (sealed[at] ?? 0) ^ (1 + Math.floor(chance.fraction() * 255))
    spoilt[at] = now
  }
  return spoilt
}

/** Ends too early, or has more behind it. */
function otherLength(sealed: Uint8Array, framing: Framing, chance: Stream): Uint8Array {
  if (framing === 'esp' && chance.chance(0.5)) return concat(sealed, chance.octets(1 + Math.floor(chance.fraction() * 32)))
  return sealed.slice(0, Math.floor(chance.fraction() * sealed.length))
}

function inner({ mode, version }: Kind, i: number): Uint8Array {
  const { install } = pair({ version, mode }).sender
  const ends = { source: endpoint(install.local.address, 7), destination: endpoint(install.remote.address, 7) }
  const payload = concat(marker, new Uint8Array(i % 7), marker, new Uint8Array(i % 5), marker)
  return ipPacket(ends.source.address, ends.destination.address, 17, udpDatagram({ ...ends, payload }))
}

const slotOf = (batch: PacketBatch, i: number): Uint8Array => batch.arena.subarray(i * batch.slotLength, (i + 1) * batch.slotLength)

describe.each(kinds)(`$name: ${count} spoilt packets`, (kind) => {
  const both = pair({ suite: kind.suite, mode: kind.mode, version: kind.version, encapsulation: kind.framing === 'esp' ? 'udp' : 'none' })
  const { sender, receiver } = both
  const sealed = packets(seal(sender, kind.framing, ...Array.from({ length: models }, (_, i) => inner(kind, i))))

  it('are dropped and counted, and leave no plaintext', () => {
    const chance = stream(1, 'corrupted', kind.name)
    const byOutcome = new Map<string, number>()
    const released: string[] = []
    const isEncrypted = kind.framing === 'esp' && !kind.name.includes('NULL')
    const burst = 50
    for (let first = 0; first < count; first += burst) {
      const spoilt = Array.from({ length: burst }, (_, i) => {
        const model = sealed[(first + i) % models] ?? new Uint8Array(0)
        const regions = regionsOf(kind, model.length)
        const region = regions[(first / burst + i) % (regions.length + 1)]
        return region === undefined ? otherLength(model, kind.framing, chance) : spoil(model, region, chance)
      })
      const batch = batchOf(...spoilt)
      receiver.open(batch, 0, batch.count, kind.framing, undefined)
      for (const [i, outcome] of outcomes(batch).entries()) {
        byOutcome.set(outcome, (byOutcome.get(outcome) ?? 0) + 1)
        const isBadTag = batch.outcome[i] === drop['integrity-check-failed']
        if (outcome === 'done' || (isBadTag && batch.length[i] !== 0)) released.push(`${first + i}: ${outcome}`)
        if ((isBadTag || isEncrypted) && contains(slotOf(batch, i), marker)) released.push(`${first + i}: the marker is in the arena`)
      }
    }
    expect(released).toEqual([])
    const counted = receiver.counters.drops()
    expect(counted.reduce((sum, [, times]) => sum + times, 0)).toBe(count)
    expect(new Map<string, number>(counted)).toEqual(byOutcome)
    expect(byOutcome.get('integrity-check-failed')).toBeGreaterThan(count / 3)
  })

  it('have moved nothing: those that were not spoilt are opened, and have the marker', () => {
    const opened = open(receiver, kind.framing, undefined, ...sealed)
    expect(new Set(outcomes(opened))).toEqual(new Set(['done']))
    expect(packets(opened).every((packet) => contains(packet, marker))).toBe(true)
  })
})
