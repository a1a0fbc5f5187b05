// Anti-replay windows and the inference of extended sequence numbers: edges by hand, traces from seeds. RFC 4303 §3.4.3, appendix A2.
import { sequenceNumber } from '../../../src/conformance/esp-sa.ts'
import { esnInference } from '../../../src/conformance/kinds/esn-inference.ts'
import { replayWindowKind } from '../../../src/conformance/kinds/replay-window.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import { ReplayWindow } from '../../../src/ipsec/replay.ts'
import { stream, type Stream } from '../../../src/lab/random.ts'
import { hex64 } from './esp.ts'
import { expectedOf, type MadeCase, type MadeFile } from './files.ts'

export const sequenceFiles = (): readonly MadeFile[] => [
  {
    name: 'sequence/replay-window.json',
    title: 'The anti-replay window at its edges',
    kind: 'replay-window',
    flags: {},
    cases: edges().map((edge) => windowCase(`replay-${edge.name}`, edge)),
  },
  {
    name: 'sequence/replay-traces.json',
    title: 'Random traces through the anti-replay window',
    kind: 'replay-window',
    flags: {},
    cases: traces(),
  },
  {
    name: 'sequence/esn-inference.json',
    title: 'The high half of extended sequence numbers',
    kind: 'esn-inference',
    flags: {
      NoSuchNumber:
        'The number would be before the first or after the last of 64 bits. Appendix A2.3 reckons modulo 2^32, and the ICV then fails; ours refuses before that.',
    },
    cases: inferences(),
  },
]

const twin = 'twin written from RFC 4303 appendix A'
const provider = nodeProvider()

interface Trace {
  readonly size: number
  readonly sequenceNumbers: 'ESN' | 'NO_ESN'
  readonly highest: bigint
  readonly received: readonly Received[]
  readonly title?: string
}
interface Received {
  readonly sequence: bigint
  readonly icv: 'right' | 'wrong'
}
interface Edge extends Trace {
  readonly name: string
}

const right = (...numbers: readonly (number | bigint)[]): readonly Received[] =>
  numbers.map((number) => ({ sequence: BigInt(number), icv: 'right' }))
const wrong = (...numbers: readonly (number | bigint)[]): readonly Received[] =>
  numbers.map((number) => ({ sequence: BigInt(number), icv: 'wrong' }))
const last32 = 0xffff_ffffn
const last64 = 0xffff_ffff_ffff_ffffn

function windowCase(id: string, { size, sequenceNumbers, highest, received, title }: Trace): MadeCase {
  const inputs = {
    windowSize: size,
    sequenceNumbers,
    highest: hex64(highest),
    received: received.map(({ sequence, icv }) => ({ sequence: hex64(sequence), icv })),
  }
  return {
    id,
    ...(title === undefined ? {} : { title }),
    source: { made: 'RFC 4303', section: sequenceNumbers === 'ESN' ? 'A2' : '3.4.3', confirmedBy: [twin] },
    result: 'valid',
    inputs,
    expected: expectedOf(id, 'valid', replayWindowKind.answer(provider, inputs)),
  }
}

function edges(): readonly Edge[] {
  return [32, 64, 100, 128, 1024].flatMap((size) => [...shortEdges(size), ...extendedEdges(size)])
}

function shortEdges(size: number): readonly Edge[] {
  const edge = (name: string, title: string, received: readonly Received[], highest = 0n): Edge => ({
    name: `${name}-${size}`,
    title,
    size,
    sequenceNumbers: 'NO_ESN',
    highest,
    received,
  })
  return [
    edge('start', 'From the first packet on, with number 0 between', right(1, 2, 0, 1, 3, 2, 0, 3)),
    edge('reversed', 'Backwards through the whole window', right(size, size - 1, 2, 1, 1, size, 0)),
    edge(
      'left-edge',
      'The last place of the window, and the place left of it',
      right(5000, 5000 - size + 1, 5000 - size + 1, 5000 - size, 1),
    ),
    edge('steps', 'Steps of the whole window, one less, one more', [
      ...right(1, 1 + size, 2, 1),
      ...right(size * 2, size + 2, size + 1, size),
      ...right(size * 3 + 1, size * 2 + 2, size * 2 + 1),
    ]),
    edge('words', 'Around multiples of 32', right(33, 31, 32, 64, 63, 65, 32, 64, 33, 96, 95, 97, 65, 64)),
    edge('forged-ahead', 'What is not authentic does not move the window', [
      ...right(10),
      ...wrong(10 + size * 5),
      ...right(9, 11),
      ...wrong(12),
      ...right(12, 12, 10 + size * 5),
    ]),
    edge(
      'last',
      'The last numbers of 32 bits',
      right(last32 - BigInt(size), last32, last32 - 1n, last32, last32 - BigInt(size) + 1n, 1),
      1000n,
    ),
    edge(
      'continued',
      'All up to the highest number count as received',
      right(100_000, 99_999, 100_001, 100_000 - size, 100_003, 100_002),
      100_000n,
    ),
  ]
}

function extendedEdges(size: number): readonly Edge[] {
  const w = BigInt(size)
  const edge = (name: string, title: string, received: readonly Received[], highest: bigint): Edge => ({
    name: `esn-${name}-${size}`,
    title,
    size,
    sequenceNumbers: 'ESN',
    highest,
    received,
  })
  const first = 1n << 32n
  return [
    edge(
      'crossing',
      'From one subspace into the next, and late packets of the one before',
      right(last32, first, last32 - 1n, first + 1n, last32, first - w + 2n, first - w + 3n, first + 1n, first),
      last32 - w,
    ),
    edge(
      'jump',
      'Into the next subspace at once, far from its beginning',
      right(first + 0x7fff_0000n, first + 0x7fff_0001n, first + 0x7fff_0000n),
      last32 - 5n,
    ),
    edge(
      'too-late',
      'What is left of the window is taken for a number of the next subspace, and is not authentic',
      right(7n * first + 5000n, 7n * first + 5000n - w, 7n * first + 5000n - w + 1n),
      7n * first + 4000n,
    ),
    edge(
      'forged',
      'What is not authentic does not move the window',
      [...wrong(first + 9n), ...right(last32 - 2n), ...wrong(first), ...right(last32, first)],
      last32 - 3n,
    ),
    edge('last', 'The last numbers of 64 bits', right(last64 - 1n, last64, last64, last64 - w + 1n, last64 - 2n), last64 - w),
    edge(
      'wrong-subspace',
      'A number whose low half fits another subspace better',
      right(9n * first + 10n, 8n * first + 11n, 10n * first + 12n, 9n * first + 11n),
      9n * first + 9n,
    ),
  ]
}

/** Forty packets each: in order, late, repeated, lost, forged. */
function traces(): readonly MadeCase[] {
  return [32, 64, 128, 1000].flatMap((size) =>
    (['NO_ESN', 'ESN'] as const).flatMap((sequenceNumbers) =>
      [1, 2, 3, 4].map((seed) => {
        const id = `replay-trace-${sequenceNumbers === 'ESN' ? 'esn' : 'no-esn'}-${size}-${seed}`
        return windowCase(id, trace(size, sequenceNumbers, stream(seed, id)))
      }),
    ),
  )
}

function trace(size: number, sequenceNumbers: Trace['sequenceNumbers'], random: Stream): Trace {
  // Extended numbers cross into another subspace on the way.
  const highest = sequenceNumbers === 'ESN' ? 0x2_ffff_ffffn - BigInt(Math.floor(random.fraction() * size)) : 0n
  const window = new ReplayWindow(size, sequenceNumbers === 'ESN' ? 'esn' : 'no-esn', sequenceNumber(highest))
  let top = highest
  const sent: bigint[] = []
  const received = Array.from({ length: 40 }, (): Received => {
    const sequence = draw(size, top, sent, random)
    const { low, high } = sequenceNumber(sequence)
    const inferred = window.highOf(low)
    // What the window refuses has a right ICV: which of the two is looked at first is not asked here.
    const icv = window.check(inferred, low) === 'fresh' && random.chance(0.1) ? 'wrong' : 'right'
    if (icv === 'right' && inferred === high && window.accept(high, low) === 'fresh' && sequence > top) top = sequence
    sent.push(sequence)
    return { sequence, icv }
  })
  return { size, sequenceNumbers, highest, received }
}

function draw(size: number, top: bigint, sent: readonly bigint[], random: Stream): bigint {
  const upTo = (limit: number): bigint => BigInt(Math.floor(random.fraction() * limit))
  const among = random.fraction()
  if (among < 0.4) return top + 1n + upTo(3)
  if (among < 0.65) return atLeastOne(top - upTo(size))
  if (among < 0.8) return sent[Number(upTo(sent.length))] ?? 1n
  if (among < 0.9) return top + upTo(size * 3) + 1n
  return atLeastOne(top - BigInt(size) + 2n - upTo(size))
}

const atLeastOne = (number: bigint): bigint => (number < 1n ? 1n : number)

function inferences(): readonly MadeCase[] {
  return [
    ...[0n, 1n, 0x8000_0000n, last32].flatMap((high) => inferencesAt(64, high)),
    ...[32, 1024, 65_536].flatMap((size) => inferencesAt(size, 3n)),
  ]
}

function inferencesAt(size: number, high: bigint): readonly MadeCase[] {
  const w = BigInt(size)
  return [0n, 1n, w - 2n, w - 1n, w, 1n << 31n, last32 - 1n, last32].flatMap((top) => {
    const bottom = (top - w + 1n) & last32
    const lows = [bottom, (bottom - 1n) & last32, top, (top + 1n) & last32, (top + (1n << 31n)) & last32]
    return [...new Set(lows)].map((low) => inference(size, (high << 32n) | top, low))
  })
}

function inference(windowSize: number, highest: bigint, low: bigint): MadeCase {
  const id = `esn-inference-${windowSize}-${hex64(highest)}-${hex64(low).slice(8)}`
  const inputs = { windowSize, highest: hex64(highest), low: hex64(low).slice(8) }
  const answer = esnInference.answer(provider, inputs)
  const source = { made: 'RFC 4303', section: 'A2.2', confirmedBy: [twin] }
  const title = (highest & last32) >= BigInt(windowSize) - 1n ? 'Case A' : 'Case B'
  if (answer.kind === 'outputs') return { id, title, source, result: 'valid', inputs, expected: answer.outputs }
  // Case A goes up out of the last subspace, case B down out of the first.
  const high = title === 'Case A' ? '00000000' : 'ffffffff'
  return { id, title, source, result: 'acceptable', flags: ['NoSuchNumber'], inputs, expected: { sequence: high + inputs.low } }
}
