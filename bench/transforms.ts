// What every transform costs on each provider: the providers take turns, so that their ratio means something on a busy machine.
import type { TransformChoice } from '../src/contract/transforms.ts'
import type { CryptoProvider } from '../src/crypto/provider.ts'
import { nodeProvider } from '../src/crypto/providers/node.ts'
import { portableProvider } from '../src/crypto/providers/portable.ts'
import { transformType } from '../src/iana/transforms.ts'
import { algorithmWords } from '../src/policy/algorithm-words.ts'
import { systemRandom } from './fixtures.ts'
import { type Effort, quartile, race, smokeEffort } from './measure.ts'
import { type TransformOp, type Work, worksOf } from './transform-works.ts'

export interface TransformRow {
  /** The word of proposals: `aes256gcm16`. */
  readonly transform: string
  readonly provider: string
  readonly op: TransformOp
  /** Octets of the text; 0 of key exchanges. */
  readonly size: number
  /** Nanoseconds of CPU time for one operation, in the fastest quarter of the bursts. */
  readonly ns: number
}

export function benchTransforms(effort: Effort, report: (rows: readonly TransformRow[]) => void): readonly TransformRow[] {
  const providers: readonly CryptoProvider[] = [portableProvider({ random: systemRandom }), nodeProvider()]
  const rows: TransformRow[] = []
  for (const { words, choice } of algorithmWords) {
    if (effort === smokeEffort && isSlowToTry(words[0], choice)) continue
    const some = measured(effort, words[0], choice, providers)
    rows.push(...some)
    if (some.length > 0) report(some)
  }
  return rows
}

function measured(effort: Effort, transform: string, choice: TransformChoice, providers: readonly CryptoProvider[]): TransformRow[] {
  const entries = providers.flatMap((provider) => worksOf(provider, choice).map((work) => ({ provider: provider.name, work })))
  const kinds = new Map(entries.map(({ work: { op, size } }) => [`${op} ${size}`, { op, size }]))
  return [...kinds.values()].flatMap(({ op, size }) => {
    const rivals = entries.filter(({ work }) => work.op === op && work.size === size)
    const times = race(
      effort,
      ...rivals.map(({ work }) => [{ count: countOf(effort, work), burst: () => work.burst(countOf(effort, work)) }]),
    )
    return rivals.map(({ provider }, i) => ({ transform, provider, op, size, ns: quartile(times[i] ?? []) }))
  })
}

/** So many operations that a burst takes some 300 microseconds: the clock counts microseconds, and what takes turns should be of one length. */
function countOf(effort: Effort, work: Work): number {
  if (effort === smokeEffort) return 1
  const known = counts.get(work)
  if (known !== undefined) return known
  // The first time is the compiler's.
  work.burst(1)
  const count = Math.max(1, Math.min(256, Math.round(300_000 / Math.max(1000, work.burst(1)))))
  counts.set(work, count)
  return count
}
const counts = new WeakMap<Work, number>()

/** Curves and large groups in JavaScript take a second each until they are warm: of key exchanges the smoke test has one of each make. */
function isSlowToTry(word: string, { type }: TransformChoice): boolean {
  return type === transformType.KE && !['x25519', 'modp2048', 'mlkem768'].includes(word)
}
