// A linter for proposals: what of their words is forbidden, impossible, weak or unusual, by which clause, and what is nearest to them and good.
// RFC 8247, RFC 8221, RFC 9395; RFC 7296 §3.3; RFC 5282 §8.
import type { AlgorithmUse } from '../iana/algorithm-requirements.ts'
import { protocol } from '../iana/protocols.ts'
import { isGrave, type LintReport, type PlacedFinding, withLineAndColumn } from './lint-findings.ts'
import { compose, judgeStructure } from './lint-structure.ts'
import { judgeWord, readWords } from './lint-words.ts'
import { parseProposal } from './proposal-words.ts'

/**
 * One proposal in the words of `parseProposal`, or several joined by commas. Reads more than that does: words of algorithms that are not
 * implemented are rated too. What it has nothing grave to say about, `parseProposal` accepts.
 */
export function lintProposal(words: string, use: AlgorithmUse): LintReport {
  let start = 0
  const parts = words.split(',').map((part) => {
    const linted = lintOne(part, start, use)
    start += part.length + 1
    return { part, ...linted }
  })
  const findings = parts.flatMap((each) => each.findings).map((finding) => withLineAndColumn(words, finding))
  if (parts.every(({ suggestion }) => suggestion === undefined)) return { findings, suggestion: undefined }
  // Two that become the same are one.
  const suggestions = new Set(parts.flatMap(({ part, suggestion }) => (suggestion ?? part.trim()).split(',')))
  return { findings, suggestion: [...suggestions].join(',') }
}

interface LintedPart {
  readonly findings: readonly PlacedFinding[]
  readonly suggestion: string | undefined
}

function lintOne(text: string, start: number, use: AlgorithmUse): LintedPart {
  const words = readWords(text, start, use)
  const judged = words.map((word) => judgeWord(word, words, use))
  const end = start + text.trimEnd().length
  const found = [...judged.flatMap(({ findings }) => findings), ...judgeStructure(words, end, use)]
  const findings = found.some(isRefused) ? found : [...found, ...whatParsingSays(text, start, use)]
  const isBetterApart = findings.some(({ code }) => code === 'mixed-ciphers')
  const suggestion =
    isBetterApart || findings.some(isGrave)
      ? compose(
          judged.flatMap(({ kept }) => kept ?? []),
          use,
        )
      : undefined
  return { findings: findings.toSorted((a, b) => a.offset - b.offset), suggestion }
}

/** Nothing passes here that cannot be configured. */
function whatParsingSays(text: string, start: number, use: AlgorithmUse): readonly PlacedFinding[] {
  const parsed = parseProposal(text, protocol[use])
  if (parsed.ok) return []
  const { word, offset, nearest, message } = parsed.fault
  return [{ code: 'not-implemented', severity: 'refused', word, offset: start + offset, message, rfc: undefined, instead: nearest }]
}

const isRefused = ({ severity }: PlacedFinding): boolean => severity === 'refused'
