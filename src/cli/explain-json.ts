// What `explain --json` prints: one object. docs/command.md has its members. Pure.
import type { Json, JsonObject } from '../inspect/describe.ts'
import { formatSelectorTemplate, protocolName } from '../policy/selector-words.ts'
import type { ExplainedRule, Explanation, Protection } from './explain.ts'
import { arrivalsOf, formatFlow, suitesOf } from './explain-report.ts'

export function explanationJson(file: string, explanation: Explanation): JsonObject {
  const { flow, policies, rule, action, part, protection, passedOver } = explanation
  return {
    file,
    flow: {
      text: formatFlow(flow),
      direction: flow.direction,
      protocol: flow.flow.protocol,
      protocolName: protocolName(flow.flow.protocol),
      source: flow.source,
      destination: flow.destination,
      sourcePort: flow.flow.ports === 'known' ? flow.flow.sourcePort : null,
      destinationPort: flow.flow.ports === 'known' ? flow.flow.destinationPort : null,
    },
    policies,
    action: action.kind,
    part,
    rule: rule === undefined ? null : ruleJson(rule),
    protection: protection === undefined ? null : protectionJson(protection),
    populate: action.kind === 'PROTECT' ? [...(action.populate ?? [])] : [],
    arrivals: flow.direction === 'in' ? arrivalsOf(explanation).map(({ came, fate }) => ({ came, fate })) : null,
    passedOver: passedOver.map((passed) => ({ ...ruleJson(passed), failed: passed.failed, because: passed.because })),
  }
}

function ruleJson({ name, line, entry }: ExplainedRule): JsonObject {
  const { direction, local, remote, action } = entry
  return {
    name,
    line: line ?? null,
    direction,
    local: formatSelectorTemplate(local),
    remote: formatSelectorTemplate(remote),
    action: action.kind,
  }
}

function protectionJson(protection: Protection): Json {
  const { connection, child, leftOutBy } = protection
  return {
    connection: connection.name,
    child: child.name,
    mode: child.mode,
    peer: connection.remoteHost ?? null,
    suites: [...suitesOf(protection)],
    leftOutBy: [...leftOutBy],
  }
}
