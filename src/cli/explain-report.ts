// What `explain` prints. Pure.
import { formatSelectorTemplate, hasTypeAndCode, protocolName } from '../policy/selector-words.ts'
import { defaultEspProposals, formatProposal } from '../policy/proposal-words.ts'
import { escapeText } from '../inspect/escape.ts'
import { isOneField } from '../policy/selector-match.ts'
import type { WrittenFlow } from '../policy/flow-words.ts'
import { accented } from './console.ts'
import type { ExplainedRule, Explanation, PassedOver, Protection } from './explain.ts'

export function explanationLines(file: string, explanation: Explanation): readonly string[] {
  const { flow, policies, rule, passedOver } = explanation
  const implied =
    policies === 'listed' ? [] : [`  ${file} has no policies: what the selectors of its children cover is protected, the rest is dropped`]
  return [
    formatFlow(flow),
    ...implied,
    `  ${rule === undefined ? 'no policy matches: dropped' : decided(file, rule, explanation)}`,
    ...protectionLines(explanation).map((line) => `    ${line}`),
    ...(flow.direction === 'in' ? arrivals(explanation) : []).map((line) => `  ${line}`),
    ...(passedOver.length === 0 ? [] : ['  passed over:']),
    ...passedOver.map((passed) => `    ${passedOverWords(passed, flow)}`),
  ].map(escapeText)
}

/** `out tcp 192.0.2.1:40000 192.0.2.2:443`, in the words that are read. */
export function formatFlow({ direction, source, destination, flow }: WrittenFlow): string {
  const name = protocolName(flow.protocol)
  if (isOneField(flow.protocol) && flow.ports === 'known') {
    const code = hasTypeAndCode(flow.protocol) ? `/${flow.sourcePort & 255}` : ''
    return `${direction} ${name}/${flow.sourcePort >>> 8}${code} ${source} ${destination}`
  }
  const end = (address: string, port: number): string =>
    flow.ports === 'none' ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`
  const without = flow.fragmentation === 'later' ? ' (without ports: as a later fragment)' : ''
  return `${direction} ${name} ${end(source, flow.sourcePort)} ${end(destination, flow.destinationPort)}${without}`
}

/** What becomes of a packet that came in, by how it came. */
export interface Arrival {
  readonly came: 'through-its-sa' | 'through-another-sa' | 'in-clear'
  readonly fate: 'delivered' | 'selector-mismatch' | 'policy-mismatch' | 'came-in-clear' | 'policy-discard'
}

export function arrivalsOf({ action, protection }: Pick<Explanation, 'action' | 'protection'>): readonly Arrival[] {
  if (action.kind === 'PROTECT') {
    return [
      { came: 'through-its-sa', fate: (protection?.leftOutBy.length ?? 0) > 0 ? 'selector-mismatch' : 'delivered' },
      { came: 'through-another-sa', fate: 'policy-mismatch' },
      { came: 'in-clear', fate: 'came-in-clear' },
    ]
  }
  return [
    { came: 'through-another-sa', fate: 'policy-mismatch' },
    { came: 'in-clear', fate: action.kind === 'BYPASS' ? 'delivered' : 'policy-discard' },
  ]
}

function arrivals(explanation: Explanation): readonly string[] {
  const { action } = explanation
  return arrivalsOf(explanation).map(({ came, fate }) => {
    const how =
      came === 'in-clear'
        ? 'came in clear'
        : came === 'through-its-sa' && action.kind === 'PROTECT'
          ? `came through an SA of ${action.connection}/${action.child}`
          : action.kind === 'PROTECT'
            ? "came through an SA that protects otherwise, or is another peer's"
            : 'came through an SA'
    return `${how}: ${fate === 'delivered' ? accented('good', 'comes in') : `${accented('bad', 'dropped')} (${fate})`}`
  })
}

function decided(file: string, rule: ExplainedRule, { action, part }: Explanation): string {
  const place = rule.line === undefined ? '' : ` (${file}:${rule.line})`
  const what = {
    PROTECT: action.kind === 'PROTECT' ? `is protected by ${action.connection}/${action.child}` : '',
    BYPASS: 'goes in clear',
    DISCARD: 'is dropped',
  }[action.kind]
  return `"${rule.name}"${place} decides: ${action.kind}, it ${what} (${part}: ${selectorsOf(rule)})`
}

const selectorsOf = ({ entry }: ExplainedRule): string => `${formatSelectorTemplate(entry.local)} ↔ ${formatSelectorTemplate(entry.remote)}`

function protectionLines({ protection, action, flow }: Explanation): readonly string[] {
  if (protection === undefined) return []
  const { connection, child, leftOutBy } = protection
  const populate = action.kind === 'PROTECT' ? (action.populate ?? []) : []
  const peer = connection.remoteHost ?? 'whoever starts'
  return [
    `${child.mode} mode with ${peer}, offering ${suitesOf(protection).join(', ')}`,
    ...(populate.length === 0 ? [] : [`its SA is for this ${populate.map((each) => each.replace('-', ' ')).join(', ')} alone (pfp)`]),
    ...(connection.remoteHost === undefined && flow.direction === 'out'
      ? ['the file does not say where the peer is: it has to start']
      : []),
    ...leftOutBy.map((word) => `but ${word} of the child leaves this flow out: no SA of it carries it`),
  ]
}

export const suitesOf = ({ child }: Protection): readonly string[] => (child.proposals ?? defaultEspProposals).map(formatProposal)

function passedOverWords({ name, line, entry, failed, because }: PassedOver, flow: WrittenFlow): string {
  const head = `"${name}"${line === undefined ? '' : ` (line ${line})`}`
  if (failed === 'direction') return `${head}: it is for what ${entry.direction === 'in' ? 'comes in' : 'goes out'}`
  const selector = formatSelectorTemplate(failed === 'local' ? entry.local : entry.remote)
  return `${head}: ${failed} is ${selector}, and the flow has ${valueOf(failed, because, flow)}`
}

function valueOf(side: 'local' | 'remote', because: PassedOver['because'], { direction, source, destination, flow }: WrittenFlow): string {
  const isSource = (side === 'local') === (direction === 'out')
  if (because === 'protocol') return protocolName(flow.protocol)
  if (because === 'version') return `IPv${flow.version}`
  if (because === 'addresses') return isSource ? source : destination
  if (flow.ports === 'none') return 'no ports'
  if (isOneField(flow.protocol))
    return `type ${flow.sourcePort >>> 8}${hasTypeAndCode(flow.protocol) ? `, code ${flow.sourcePort & 255}` : ''}`
  return `port ${isSource ? flow.sourcePort : flow.destinationPort}`
}
