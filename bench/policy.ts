// What a decision of policy costs among 10, 1,000 and 100,000 rules: for the first packet of a flow, and for those that follow.
import { concat } from '../src/bytes/bytes.ts'
import { emptyFlow, type Flow, readFlow } from '../src/net/flow.ts'
import { ipPacket } from '../src/net/build.ts'
import type { SelectorTemplate } from '../src/policy/connection.ts'
import { parseSelector } from '../src/policy/selector-words.ts'
import { createSpd, type Spd, type SpdEntry } from '../src/policy/spd.ts'
import { address } from './fixtures.ts'
import { type Contender, type Effort, median, race, timed } from './measure.ts'
import type { Figure } from './report.ts'

const sizes: readonly number[] = [10, 1000, 100_000]
/** How many flows take turns. */
const flowCount = 256

/** All contenders run in the same rounds. */
export function benchPolicy(effort: Effort): readonly Figure[] {
  const lists = sizes.map((size) => ({ name: `${size.toLocaleString('en')} rules`, rules: rulesOf(size) }))
  // No index helps where all rules fix the same and little: a range of ports for any host.
  const hard = { name: '100,000 rules alike but for ranges of ports', rules: Array.from({ length: 100_000 }, (_, i) => rangeRule(i)) }
  const cached = lists.map(({ rules }) => contender(createSpd(rules), rules.length))
  const first = [...lists, hard].map(({ rules }) => contender(createSpd(rules, 4), rules.length))
  const times = race(effort, ...[...cached, ...first].map((each) => [each]))
  const figure = (name: string, i: number): Figure => ({ name, value: median(times[i] ?? []), unit: 'ns' })
  const ratio = median((times[2] ?? []).map((ns, i) => ns / (times[0]?.[i] ?? Number.NaN)))
  return [
    ...lists.map(({ name }, i) => figure(`policy, known flow, ${name}`, i)),
    { name: 'policy, known flow, 100,000 rules beside 10', value: 100 * ratio, unit: '%' },
    ...[...lists, hard].map(({ name }, i) => figure(`policy, first packet of a flow, ${name}`, cached.length + i)),
  ]
}

function contender(spd: Spd, rules: number): Contender {
  const flows = Array.from({ length: flowCount }, (_, i) => flowOf(i, rules))
  const count = 4 * flowCount
  return {
    count,
    burst: () =>
      timed(count, (i) => {
        const seen = flows[i % flowCount]
        if (seen !== undefined) spd.lookup('out', seen.bytes, seen.flow)
      }),
  }
}

/** Most are for one host, some for a network, some for a service there; the last is for everybody else. */
function rulesOf(count: number): readonly SpdEntry[] {
  const rules = Array.from({ length: count - 1 }, (_, i) => {
    const net = `10.${(i >>> 12) & 255}.${(i >>> 4) & 255}`
    const remote = i % 16 === 0 ? `${net}.0/24` : i % 4 === 0 ? `${net}.${i % 16}[tcp/443]` : `${net}.${i % 16}`
    return rule(`rule ${i}`, remote)
  })
  return [...rules, rule('all others', 'dynamic')]
}

const rangeRule = (i: number): SpdEntry => rule(`range ${i}`, `0.0.0.0/0[tcp/${1 + (i % 1000)}-${1001 + (i % 1000)}]`)

function rule(name: string, remote: string): SpdEntry {
  const action = { kind: 'PROTECT', connection: 'bench', child: 'bench' } as const
  return { name, direction: 'both', local: template('dynamic'), remote: template(remote), action }
}

function template(text: string): SelectorTemplate {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new RangeError(parsed.fault.message)
  return parsed.value
}

/** Half go to hosts that a rule is for, half elsewhere. */
function flowOf(i: number, rules: number): { readonly bytes: Uint8Array; readonly flow: Flow } {
  const to = Math.floor((i * rules) / flowCount)
  const destination = i % 2 === 0 ? `10.${(to >>> 12) & 255}.${(to >>> 4) & 255}.${to % 16}` : `198.51.100.${i}`
  const ports = Uint8Array.of(0x90, i, 0x1f, 0x90)
  const bytes = ipPacket(address('192.0.2.1'), address(destination), 6, concat(ports, new Uint8Array(16)))
  const flow = emptyFlow()
  readFlow(bytes, 0, bytes.length, flow)
  return { bytes, flow }
}
