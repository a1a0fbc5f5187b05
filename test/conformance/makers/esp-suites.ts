// Every ESP suite of the catalogue, both versions of IP, both modes: opened, and sealed where the IV can be told beforehand.
import { seededRandom } from '../../../src/lab/random.ts'
import { everySuite, isDeterministic, openCase, protect, saOf, sealCase, suiteId, type Suite } from './esp.ts'
import { ends, innerEnds, upperPacket, type Version } from './esp-packets.ts'
import type { MadeCase, MadeFile } from './files.ts'

interface Situation {
  readonly suite: Suite
  readonly version: Version
  readonly mode: 'transport' | 'tunnel'
  readonly place: number
}

const situations: readonly Situation[] = everySuite.flatMap((suite, i) =>
  ([4, 6] as const).flatMap((version, j) =>
    (['transport', 'tunnel'] as const).map((mode, k) => ({ suite, version, mode, place: i * 4 + j * 2 + k })),
  ),
)

export const leastPadding =
  'The sender takes the shortest padding (RFC 4303 §2.4 allows up to 255 octets) and, where there is an IV of 8 octets, the 64-bit sequence number as IV (RFC 4106 §3.1 leaves it to the sender): one that does otherwise cannot be graded by octets.'

export const suiteFiles = (): readonly MadeFile[] => [
  {
    name: 'esp/every-suite-open.json',
    title: 'ESP packets of every suite, opened',
    kind: 'esp-packet',
    flags: {},
    cases: situations.map(opened),
  },
  {
    name: 'esp/every-suite-seal.json',
    title: 'ESP packets of every suite whose IV can be told beforehand, sealed',
    kind: 'esp-packet',
    flags: { SenderChoice: leastPadding },
    cases: situations.filter(({ suite }) => isDeterministic(suite)).map(sealed),
  },
]

const idOf = (operation: string, { suite, version, mode }: Situation): string => `esp-${operation}-${suiteId(suite)}-ipv${version}-${mode}`

/** Each suite is seen with and without ESN, and each version and mode too. */
const extended = ({ place }: Situation): boolean => ((place >> 2) + (place & 1) + ((place >> 1) & 1)) % 2 === 1

function made(operation: string, situation: Situation) {
  const { suite, version, mode, place } = situation
  const id = idOf(operation, situation)
  const sa = saOf(id, suite, { mode, sequenceNumbers: extended(situation) ? 'ESN' : 'NO_ESN' })
  const random = seededRandom(1, 'sequence', id)
  const low = random(4).reduce((sum, octet) => sum * 256n + BigInt(octet), 0n)
  const high = extended(situation) ? BigInt(1 + (random(1)[0] ?? 0)) : 0n
  const packet = upperPacket(id, mode === 'tunnel' ? innerEnds[version] : ends[version], (place * 7) % 23)
  return { id, sa, sequence: (high << 32n) | (low === 0n ? 1n : low), packet }
}

function opened(situation: Situation): MadeCase {
  const { id, sa, sequence, packet } = made('open', situation)
  return openCase(id, sa, sequence - 1n, protect(id, sa, sequence, packet))
}

function sealed(situation: Situation): MadeCase {
  const { id, sa, sequence, packet } = made('seal', situation)
  return sealCase(id, sa, sequence, packet, 'none', { flags: ['SenderChoice'] })
}
