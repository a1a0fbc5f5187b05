// CPU time of a negotiation, both ends together: IKE_SA_INIT, IKE_AUTH with a pre-shared key and a Child SA, Delete; and of rekeys.
import type { CryptoProvider } from '../src/crypto/provider.ts'
import { nodeProvider } from '../src/crypto/providers/node.ts'
import { portableProvider } from '../src/crypto/providers/portable.ts'
import { systemRandom } from './fixtures.ts'
import { type Effort, median, percentile, race } from './measure.ts'
import { Pair } from './pair.ts'
import type { Figure } from './report.ts'

const node = nodeProvider()
const portable = portableProvider({ random: systemRandom })
const cases: readonly (readonly [provider: CryptoProvider, ike: string, esp: string])[] = [
  [node, 'aes128gcm16-prfsha256-x25519', 'aes128gcm16'],
  [node, 'aes128gcm16-prfsha256-ecp256', 'aes128gcm16'],
  [node, 'aes128-sha256-modp2048', 'aes128-sha256'],
  [portable, 'aes128gcm16-prfsha256-x25519', 'aes128gcm16'],
]

export function benchNegotiation(effort: Effort): readonly Figure[] {
  // Much code runs for each: the compiler takes its time.
  const patient = { ...effort, time: 2 * effort.time, warmUp: 8 * effort.warmUp }
  return cases.flatMap(([provider, ike, esp]) => {
    const pair = new Pair(provider, ike, esp)
    const [times = []] = race(patient, [{ count: 1, burst: () => pair.negotiate() }])
    const longest = Array.from({ length: effort.leastBursts === 1 ? 1 : stepsMeasured }, () => pair.longestStep(() => pair.negotiate()))
    return [
      { name: `negotiate, both ends, ${ike}, ${provider.name}`, value: median(times) / 1e3, unit: 'µs' },
      {
        name: `longest handle of a negotiation, 99th percentile, ${ike}, ${provider.name}`,
        value: percentile(longest, 99) / 1e3,
        unit: 'µs',
      },
    ]
  })
}

/** Negotiations: for a 99th percentile that ten of them are above. */
const stepsMeasured = 1_000

const rekeys: readonly (readonly [what: 'child' | 'ike', esp: string, says: string])[] = [
  ['child', 'aes128gcm16', 'a Child SA'],
  ['child', 'aes128gcm16-x25519', 'a Child SA with its own X25519'],
  ['ike', 'aes128gcm16', 'an IKE SA with X25519'],
]

/** With the provider `node`: both ends, with the Delete of the old SA. */
export function benchRekey(effort: Effort): readonly Figure[] {
  const patient = { ...effort, time: 2 * effort.time, warmUp: 8 * effort.warmUp }
  return rekeys.flatMap(([what, esp, says]) => {
    const pair = new Pair(node, 'aes128gcm16-prfsha256-x25519', esp)
    pair.bringUp()
    const [times = []] = race(patient, [{ count: 1, burst: () => pair.rekey(what) }])
    const longest = Array.from({ length: effort.leastBursts === 1 ? 1 : stepsMeasured }, () => pair.longestStep(() => pair.rekey(what)))
    const each = median(times) / 1e3
    return [
      { name: `rekey ${says}, both ends`, value: each, unit: 'µs' },
      { name: `rekey ${says} each hour, a second and SA`, value: (each * 1e3) / 3_600, unit: 'ns' },
      { name: `longest handle of a rekey of ${says}, 99th percentile`, value: percentile(longest, 99) / 1e3, unit: 'µs' },
    ]
  })
}
