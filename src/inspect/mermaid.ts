// A sequence diagram in mermaid's notation (mermaid.js.org/syntax/sequenceDiagram). Names and texts may come from a peer: all that has
// a meaning in mermaid, in HTML or in Markdown is written as an entity.
import { escapeText } from './escape.ts'

export interface SequenceDiagram {
  /** From left to right; those that only rows name follow behind them. */
  readonly participants: readonly string[]
  readonly rows: readonly SequenceRow[]
}

export type SequenceRow =
  | { readonly kind: 'arrow'; readonly from: string; readonly to: string; readonly text: string; readonly end: 'arrives' | 'lost' }
  /** Over one participant, or over all of them. */
  | { readonly kind: 'note'; readonly over: string | undefined; readonly text: string }

/** No line end after the last line. Without participants there is only the heading. */
export function formatMermaid(diagram: SequenceDiagram): string {
  const ids = new Map<string, string>()
  const idOf = (name: string): string => {
    const known = ids.get(name)
    if (known !== undefined) return known
    const id = `p${ids.size}`
    ids.set(name, id)
    return id
  }
  for (const name of diagram.participants) idOf(name)
  const rows = diagram.rows.map((row) => formatRow(row, idOf, [...ids.values()]))
  // Never the names themselves: `end` and other words of the language would break the diagram.
  const participants = [...ids].map(([name, id]) => `  participant ${id} as ${escapeMermaid(name)}`)
  return ['sequenceDiagram', ...participants, ...rows].join('\n')
}

/**
 * Text that mermaid shows as it is. Letters, digits and some marks stay; all else becomes an entity such as `#59;`, so that no text can end
 * a line or a statement, begin a directive or a comment, or be HTML or Markdown. Control and format characters are made visible first.
 */
export function escapeMermaid(text: string): string {
  let safe = ''
  for (const character of escapeText(text)) safe += plain.test(character) ? character : `#${character.codePointAt(0) ?? 0};`
  // An empty text would not be a statement; `wrap:` and `nowrap:` at its beginning are directives.
  return safe.trim() === '' ? '#8203;' : safe.replace(/^(\s*(?:no)?wrap):/i, '$1#58;')
}

const plain: RegExp = /[\p{L}\p{N} .,:(){}/_=+→-]/u

function formatRow(row: SequenceRow, idOf: (name: string) => string, all: readonly string[]): string {
  if (row.kind === 'note') {
    const ends = all.length > 1 ? `${all[0] ?? ''},${all.at(-1) ?? ''}` : (all[0] ?? idOf(''))
    return `  Note over ${row.over === undefined ? ends : idOf(row.over)}: ${escapeMermaid(row.text)}`
  }
  return `  ${idOf(row.from)}${row.end === 'arrives' ? '->>' : '-x'}${idOf(row.to)}: ${escapeMermaid(row.text)}`
}
