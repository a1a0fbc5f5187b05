// `ikebana explain CONFIG FLOW`: which rule of a connection file decides about a flow, and why no earlier one does. docs/command.md describes it.
import type { ConfiguredChild, ConfiguredConnection } from '../config/connection-file.ts'
import type { ConfiguredPolicy } from '../config/policies.ts'
import { escapeText } from '../inspect/escape.ts'
import { parseFlow, type WrittenFlow } from '../policy/flow-words.ts'
import { anyDynamic, type ChildConfig } from '../policy/connection.ts'
import { compileTemplates, type Mismatch, mismatchAt } from '../policy/selector-match.ts'
import { createSpd, type SpdAction, type SpdEntry, type SpdPart, spdPart } from '../policy/spd.ts'
import { usableFile } from './connection-config.ts'
import { policiesOf } from './connection.ts'
import { print, printJson, talk } from './console.ts'
import { type ExitCode, exitCodes, usageFailure } from './exit-codes.ts'
import { explanationJson } from './explain-json.ts'
import { explanationLines } from './explain-report.ts'

export interface ExplainOptions {
  readonly file: string
  readonly flow: string
  readonly output: 'text' | 'json'
}

/** What the file says of the flow. */
export interface Explanation {
  readonly flow: WrittenFlow
  /** `implied`: the file has no list, and what the children's selectors cover is protected. */
  readonly policies: 'listed' | 'implied'
  /** `undefined`: none matched, and what none matches is dropped. */
  readonly rule: ExplainedRule | undefined
  readonly action: SpdAction
  /** Where RFC 4301 §4.4.1 has it. */
  readonly part: SpdPart
  readonly protection: Protection | undefined
  readonly passedOver: readonly PassedOver[]
}
export interface ExplainedRule {
  readonly name: string
  /** In the file; `undefined` where there is no list. */
  readonly line: number | undefined
  readonly entry: SpdEntry
}
export interface PassedOver extends ExplainedRule {
  readonly failed: 'direction' | 'local' | 'remote'
  readonly because: 'direction' | Mismatch
}

/** Of a rule that protects. */
export interface Protection {
  readonly connection: ConfiguredConnection
  readonly child: ConfiguredChild
  /** Which of the child's own selectors leave the flow out, so that no SA of it carries it. */
  readonly leftOutBy: readonly ('local_ts' | 'remote_ts')[]
}

export function explain({ file, flow, output }: ExplainOptions): ExitCode {
  const { name, connections, policies } = usableFile(file)
  const parsed = parseFlow(flow)
  if (!parsed.ok) {
    const { message, offset, word } = parsed.fault
    // Escaped as the flow is, so that the caret stays under its word.
    const margin = ' '.repeat(escapeText(flow.slice(0, offset)).length)
    talk(`  ${escapeText(flow)}`)
    talk(`  ${margin}${'^'.repeat(Math.max(1, escapeText(word).length))}`, 'bad')
    throw usageFailure(`FLOW: ${message}`)
  }
  const explanation = explainFlow(parsed.value, connections, policies)
  if (output === 'json') printJson(explanationJson(name, explanation))
  else for (const line of explanationLines(name, explanation)) print(line)
  return exitCodes.done
}

/** Pure. */
export function explainFlow(
  written: WrittenFlow,
  connections: readonly ConfiguredConnection[],
  policies: readonly ConfiguredPolicy[] | undefined,
): Explanation {
  const { direction, bytes, flow } = written
  const rules = rulesOf(connections, policies)
  const spd = createSpd(rules.map(({ entry }) => entry))
  const { entry, action, passedOver } = spd.explain(direction, bytes, flow)
  const ruleOf = (wanted: SpdEntry): ExplainedRule =>
    rules.find((rule) => rule.entry === wanted) ?? { name: wanted.name, line: undefined, entry: wanted }
  return {
    flow: written,
    policies: policies === undefined ? 'implied' : 'listed',
    rule: entry === undefined ? undefined : ruleOf(entry),
    action,
    part: spdPart(action, direction),
    protection: action.kind === 'PROTECT' ? protectionBy(action, written, connections) : undefined,
    passedOver: passedOver.map(({ entry: passed, failed, because }) => ({ ...ruleOf(passed), failed, because })),
  }
}

function rulesOf(
  connections: readonly ConfiguredConnection[],
  policies: readonly ConfiguredPolicy[] | undefined,
): readonly ExplainedRule[] {
  if (policies !== undefined) {
    return policies.flatMap(({ name, line, entries }) => entries.map((entry) => ({ name, line, entry })))
  }
  return connections.flatMap(({ name, children }) =>
    policiesOf({ name, children: children.map(withSelectors) }).map((entry) => ({ name: `${name}/${entry.name}`, line: undefined, entry })),
  )
}

const withSelectors = ({ name, localSelectors, remoteSelectors }: ConfiguredChild): OwnSelectors => ({
  name,
  localSelectors: localSelectors ?? [anyDynamic],
  remoteSelectors: remoteSelectors ?? [anyDynamic],
})
type OwnSelectors = Pick<ChildConfig, 'name' | 'localSelectors' | 'remoteSelectors'>

function protectionBy(
  action: SpdAction & { kind: 'PROTECT' },
  { direction, bytes, flow }: WrittenFlow,
  connections: readonly ConfiguredConnection[],
): Protection | undefined {
  const connection = connections.find(({ name }) => name === action.connection)
  const child = connection?.children.find(({ name }) => name === action.child)
  if (connection === undefined || child === undefined) return undefined
  const { localSelectors, remoteSelectors } = withSelectors(child)
  const isLeftOut = (side: 'local' | 'remote'): boolean => {
    const selectors = compileTemplates(side === 'local' ? localSelectors : remoteSelectors)
    return Array.from({ length: selectors.count }, (_, i) => mismatchAt(selectors, i, side, direction, bytes, flow)).every(
      (mismatch) => mismatch !== undefined,
    )
  }
  const leftOutBy = (['local', 'remote'] as const).filter(isLeftOut).map((side) => `${side}_ts` as const)
  return { connection, child, leftOutBy }
}
