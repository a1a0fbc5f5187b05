// What the options of `decode` mean.
import { InvalidArgumentError } from 'commander'
import type { Result } from '../bytes/result.ts'
import type { Address } from '../net/address.ts'
import { nearestWord } from '../policy/words.ts'
import { type OctetsKind, octetsKinds } from '../inspect/capture/guess.ts'
import { type FrameFilter, parseAddressWord, parseExchangeWord, parseSpiWord, type SpiWord } from '../inspect/frame-filter.ts'
import { usageFailure } from './exit-codes.ts'
import { parsePort } from './options.ts'

export interface DecodeOptions {
  /** The directory with Wireshark's tables. */
  readonly keys: string | undefined
  /** What hexadecimal is; `undefined`: what it looks like. */
  readonly as: OctetsKind | undefined
  /** UDP ports of IKE and ESP beside 500 and 4500. */
  readonly ports: readonly number[]
  readonly filter: FrameFilter
  readonly scope: 'ipsec' | 'all'
  readonly form: 'text' | 'json' | 'html' | 'ladder'
}

/** As commander hands them over, after the parsers below. */
export interface RawDecodeOptions {
  readonly keys?: string
  readonly as?: OctetsKind
  readonly port?: readonly number[]
  readonly spi?: readonly SpiWord[]
  readonly exchange?: readonly number[]
  readonly address?: readonly Address[]
  readonly all?: boolean
  readonly json?: boolean
  readonly html?: boolean
  readonly ladder?: boolean
}

export function decodeOptions(raw: RawDecodeOptions): DecodeOptions {
  const forms = (['json', 'html', 'ladder'] as const).filter((form) => raw[form] === true)
  if (forms.length > 1) throw usageFailure(`--${forms.join(' and --')} exclude each other`)
  return {
    keys: raw.keys,
    as: raw.as,
    ports: raw.port ?? [],
    filter: { spis: raw.spi ?? [], exchanges: raw.exchange ?? [], addresses: raw.address ?? [] },
    scope: raw.all === true ? 'all' : 'ipsec',
    form: forms[0] ?? 'text',
  }
}

export function parseKind(text: string): OctetsKind {
  const kind = octetsKinds.find((each) => each === text)
  if (kind !== undefined) return kind
  const nearest = nearestWord(text, octetsKinds)
  throw new InvalidArgumentError(nearest === undefined ? `Valid words: ${octetsKinds.join(', ')}.` : `Did you mean ${nearest}?`)
}

// Options that may be given several times.
export const morePorts = (text: string, before: readonly number[] = []): readonly number[] => [...before, parsePort(text)]
export const moreSpis = (text: string, before: readonly SpiWord[] = []): readonly SpiWord[] => [...before, valueOr(parseSpiWord(text))]
export const moreExchanges = (text: string, before: readonly number[] = []): readonly number[] => [
  ...before,
  valueOr(parseExchangeWord(text)),
]
export const moreAddresses = (text: string, before: readonly Address[] = []): readonly Address[] => [
  ...before,
  valueOr(parseAddressWord(text)),
]

function valueOr<T>(result: Result<T, string>): T {
  if (result.ok) return result.value
  throw new InvalidArgumentError(result.fault)
}
