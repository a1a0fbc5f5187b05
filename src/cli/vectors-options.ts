// What the options of `vectors` mean.
import { InvalidArgumentError } from 'commander'
import type { Selection } from '../conformance/select.ts'
import { nearestWord } from '../policy/words.ts'
import { usageFailure } from './exit-codes.ts'

export type VectorsRequest =
  | { readonly what: 'list'; readonly selection: Selection; readonly folder: string | undefined; readonly output: 'text' | 'json' }
  | { readonly what: 'run'; readonly options: RunOptions }
  | { readonly what: 'show'; readonly id: string; readonly folder: string | undefined; readonly output: 'text' | 'json' }
  | { readonly what: 'schema'; readonly kind: string | undefined }

export interface RunOptions {
  readonly selection: Selection
  /** `undefined`: the vectors of this package. */
  readonly folder: string | undefined
  /** Names of ours. */
  readonly providers: readonly ProviderName[]
  readonly form: RunForm
  /** Cases that take seconds or minutes as well. */
  readonly effort: 'quick' | 'slow'
  /** Commands of other implementations. */
  readonly shims: readonly string[]
  /** Milliseconds to wait for an answer of a shim. */
  readonly patience: number
  /** Vectors of others in the place of ours. */
  readonly imports: { readonly format: ImportFormat; readonly paths: readonly string[] } | undefined
  /** A folder that gets `index.html`. */
  readonly report: string | undefined
}

export type ProviderName = 'node' | 'portable'
export const providerNames: readonly ProviderName[] = ['node', 'portable']
export type ImportFormat = 'wycheproof' | 'cavp'
const importFormats: readonly ImportFormat[] = ['wycheproof', 'cavp']
export type RunForm = 'text' | 'json' | 'junit' | 'tap'
const runForms: readonly RunForm[] = ['text', 'json', 'junit', 'tap']

/** As commander hands them over, after the parsers below. */
export interface RawSelection {
  readonly suite?: readonly string[]
  readonly rfc?: readonly string[]
  readonly match?: RegExp
  readonly without?: readonly string[]
  readonly vectors?: string
  readonly json?: boolean
}
export interface RawRunOptions extends RawSelection {
  readonly provider?: readonly ProviderName[]
  readonly format?: RunForm
  readonly slow?: boolean
  readonly shim?: readonly string[]
  readonly patience?: number
  readonly report?: string
  readonly import?: ImportFormat
}

export const selectionOf = ({ suite = [], rfc = [], match, without = [] }: RawSelection): Selection => ({
  suites: suite,
  documents: rfc,
  match,
  without,
})

export function runOptions(paths: readonly string[], raw: RawRunOptions): RunOptions {
  if (raw.import === undefined && paths.length > 0)
    throw usageFailure(`${paths[0]}: a path goes with --import; --vectors is for a folder of vectors`)
  if (raw.import !== undefined && paths.length === 0) throw usageFailure(`--import ${raw.import}: say which file or folder`)
  if (raw.import !== undefined && raw.vectors !== undefined) throw usageFailure('--import and --vectors exclude each other')
  return {
    selection: selectionOf(raw),
    folder: raw.vectors,
    // Whoever grades a shim is asking about that.
    providers: raw.provider ?? (raw.shim === undefined ? providerNames : []),
    form: raw.format ?? (raw.json === true ? 'json' : 'text'),
    effort: raw.slow === true ? 'slow' : 'quick',
    shims: raw.shim ?? [],
    patience: raw.patience ?? 10_000,
    report: raw.report,
    imports: raw.import === undefined ? undefined : { format: raw.import, paths },
  }
}

export const moreWords = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** `3602`, `rfc3602` and `RFC 3602` are the same. */
export const moreDocuments = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text.replace(/^rfc\s*(?=\d+$)/i, ''),
]

export const moreProviders = (text: string, before: readonly ProviderName[] = []): readonly ProviderName[] => [
  ...before,
  oneOf(text, providerNames),
]

export const parseImportFormat = (text: string): ImportFormat => oneOf(text, importFormats)
export const parseRunForm = (text: string): RunForm => oneOf(text, runForms)

export function parseMatch(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw new InvalidArgumentError('It is no regular expression.')
  }
}

function oneOf<Word extends string>(text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text)
  if (found !== undefined) return found
  const nearest = nearestWord(text, words)
  throw new InvalidArgumentError(nearest === undefined ? `Valid words: ${words.join(', ')}.` : `Did you mean ${nearest}?`)
}
