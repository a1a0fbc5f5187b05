// What kind of file a text is: of connections, or a scenario of the lab. Its words at the top say so, also where one of them has a typing error.
import { shapeWords } from '../config/shape.ts'
import { visibilityOf } from '../config/visibility.ts'
import { type Diagnostic, error } from '../documents/diagnostic.ts'
import { readDocument } from '../documents/document.ts'
import { placed } from '../documents/placing.ts'
import { scenarioLimits } from '../lab/scenario-files/read.ts'
import { scenarioWords } from '../lab/scenario-files/shape.ts'
import { nearestWord } from '../policy/words.ts'

export type FileKind =
  | { readonly kind: 'connections' | 'scenario' }
  | { readonly kind: 'neither'; readonly diagnostics: readonly Diagnostic[] }

/** Where it may be either, it is a connection file, of which nothing is shown that may be a secret. */
export function kindOfFile(text: string): FileKind {
  const { root, findings } = readDocument(text, scenarioLimits)
  const words = root?.kind === 'map' ? root.entries.map(({ key }) => key.text) : []
  const all: readonly (readonly ['connections' | 'scenario', readonly string[]])[] = [
    ['connections', shapeWords.file],
    ['scenario', scenarioWords],
  ]
  for (const isOne of [has, hasNearly]) {
    const found = all.find(([, valid]) => words.some((word) => isOne(word, valid)))
    if (found !== undefined) return { kind: found[0] }
  }
  // What is no YAML is said there.
  if (findings.length > 0) return { kind: 'connections' }
  const what = root === undefined ? 'there is nothing in this file' : 'this is neither a connection file nor a scenario'
  const finding = error(
    'missing',
    { start: root?.span.start ?? 0, end: root?.span.start ?? 0 },
    `${what}: "connections", or "hosts", "steps" and "expect", are expected at its top`,
  )
  return { kind: 'neither', diagnostics: placed(text, [finding], visibilityOf(text, root, 'whole')) }
}

const has = (word: string, valid: readonly string[]): boolean => valid.includes(word)
const hasNearly = (word: string, valid: readonly string[]): boolean => nearestWord(word, valid) !== undefined
