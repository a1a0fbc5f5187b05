// The text of docs/states.md: a diagram in mermaid's notation (mermaid.js.org/syntax/flowchart) and a table for each table of states.
import type { State, StateRole, StateTable } from './state-tables.ts'

export function statesPage(tables: readonly StateTable[]): string {
  return `# States

Written by \`npm run diagrams\` from the tables that the code asserts at run time. What causes a step is not in these tables; it is in the code
of the exchanges (\`src/ike/exchanges/\`).
${tables.map(tableText).join('')}`
}

function tableText(table: StateTable): string {
  const rows = table.states.map(
    ({ name, role, says, next }) =>
      `| \`${name}\` | ${role} | ${says.replace(/^[a-z]/, (first) => first.toUpperCase())} | ${next.map((to) => `\`${to}\``).join(', ')} |`,
  )
  const sink = commonSink(table.states)
  const aside = sink === undefined ? '' : ` Every other phase${exceptFor(table.states, sink)} may lead to \`${sink}\`, which is drawn once.`
  return `
## ${table.title}
The edges are those of [\`${table.source}\`](../${table.source}).${aside}

\`\`\`mermaid
${flowchart(table.states)}
\`\`\`

| phase | role | | may lead to |
|---|---|---|---|
${rows.join('\n')}
`
}

/** The state that leads nowhere and that almost all others may lead to, if there is one: its edges would hide the rest. */
export function commonSink(states: readonly State[]): string | undefined {
  const sink = states.find(({ next }) => next.length === 0)?.name
  return sink !== undefined && exceptions(states, sink).length * 4 < states.length ? sink : undefined
}

const exceptions = (states: readonly State[], sink: string): readonly string[] =>
  states.filter(({ name, next }) => name !== sink && !next.includes(sink)).map(({ name }) => name)

function exceptFor(states: readonly State[], sink: string): string {
  const names = exceptions(states, sink).map((name) => `\`${name}\``)
  return names.length === 0 ? '' : ` but ${names.join(' and ')}`
}

/** Roles are boxes; a circle leads to each state that no other leads to; what all may lead to has one edge, from all of them. */
export function flowchart(states: readonly State[]): string {
  const sink = commonSink(states)
  const edges = states.flatMap(({ name, next }) => next.filter((to) => to !== sink).map((to) => `  ${idOf(name)} --> ${idOf(to)}`))
  const first = states.filter(({ name }) => states.every((from) => from.name === name || !from.next.includes(name)))
  const starts = first.map(({ name }, i) => `  start${i}(( )) --> ${idOf(name)}`)
  const ends = sink === undefined ? [] : [`  any(["any phase"]) -.-> ${idOf(sink)}`]
  return ['flowchart TB', ...roles.flatMap((role) => boxOf(role, states)), ...starts, ...edges, ...ends].join('\n')
}

const roles: readonly StateRole[] = ['initiator', 'responder', 'both']

function boxOf(role: StateRole, states: readonly State[]): readonly string[] {
  const within = states.filter((state) => state.role === role).map(({ name }) => `    ${idOf(name)}["${name}"]`)
  return within.length === 0 ? [] : [`  subgraph ${role}`, ...within, '  end']
}

/** Words of the language, such as `end`, are no names of nodes. */
const idOf = (name: string): string => `s_${name.replaceAll('-', '_')}`
