// A scenario as the text of a file, in YAML 1.2: `readScenario` reads it back. What is the same for all goes into one line, as people write it.
import type { ScenarioFile } from './read.ts'

/** `notes`: lines of comment at its top. Names that are none (`readScenario`) are written as they are, and not read back. */
export function formatScenario({ scenario, seed, mishaps }: ScenarioFile, notes: readonly string[] = []): string {
  const { name, hosts, nats, weather, links, steps, expect, within } = scenario
  const parts: readonly (readonly [word: string, value: unknown])[] = [
    ['name', name],
    ['seed', seed],
    ['hosts', hosts],
    ['nats', nats],
    ['weather', weather],
    ['links', links],
    ['steps', steps],
    ['mishaps', mishaps],
    ['expect', expect],
    ['within', within],
  ]
  const comments = notes.flatMap((note) => note.split(/\r\n|[\n\r\u0085\u2028\u2029]/)).map((line) => `# ${printable(line)}`.trimEnd())
  return `${[...comments, ...parts.flatMap(([word, value]) => entryLines(word, value))].join('\n')}\n`
}

function entryLines(word: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0) return [`${word}: ${inLine(value)}`]
  return [`${word}:`, ...value.map((item) => `  - ${inLine(item)}`)]
}

function inLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? scalar(value) : String(value)
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return entries.length === 0 ? '{}' : `{ ${entries.map(([word, each]) => `${word}: ${inLine(each)}`).join(', ')} }`
}

/** Plain where nobody could take it for anything else, not even a reader for which `yes`, `1.5` and `null` are no words. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z0-9](?:[A-Za-z0-9 ._/→-]|:(?=[A-Za-z0-9]))*$/.test(text) && !text.endsWith(' ')
  const isTaken = /^(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|0[xo][\da-f]+|y|n|yes|no|on|off|true|false|null)$/i.test(text)
  return isPlain && !isTaken ? text : `"${text.replace(toEscape, escaped)}"`
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Control, format and unassigned characters, separators of lines, halves of pairs. */
const hidden = /[\p{C}\p{Zl}\p{Zp}]/gu
const toEscape = /["\\]|[\p{C}\p{Zl}\p{Zp}]/gu

const printable = (line: string): string => line.replace(hidden, '·')
