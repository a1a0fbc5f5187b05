// Which frames to show: by SPI, by exchange, by address.
import { failed, ok, type Result } from '../bytes/result.ts'
import { exchanges } from '../iana/exchanges.ts'
import { ikev1Exchanges } from '../iana/ikev1.ts'
import { type Address, parseAddress } from '../net/address.ts'
import { nearestWord } from '../policy/words.ts'
import type { Summary } from './span.ts'

/** An IKE SPI of either side as sixteen digits, or an SPI of ESP or AH. */
export type SpiWord = { readonly kind: 'ike'; readonly spi: string } | { readonly kind: 'security'; readonly spi: number }

/** A frame passes when it has one of each list that is not empty. */
export interface FrameFilter {
  readonly spis: readonly SpiWord[]
  /** Exchange Type numbers. */
  readonly exchanges: readonly number[]
  /** Of either end. */
  readonly addresses: readonly Address[]
}

export const everyFrame: FrameFilter = { spis: [], exchanges: [], addresses: [] }

export const isSelective = (filter: FrameFilter): boolean => filter.spis.length + filter.exchanges.length + filter.addresses.length > 0

/** With what was inside ESP, which may be ESP again. A frame without summary passes when nothing is asked. */
export function passes(filter: FrameFilter, summary: Summary | undefined): boolean {
  if (!isSelective(filter)) return true
  const layers = layersOf(summary)
  return (
    (filter.spis.length === 0 || layers.some((layer) => filter.spis.some((word) => hasSpi(layer, word)))) &&
    (filter.exchanges.length === 0 || layers.some(({ ike }) => ike !== undefined && filter.exchanges.includes(ike.exchangeType))) &&
    (filter.addresses.length === 0 || layers.some((layer) => filter.addresses.some((address) => hasAddress(layer, address))))
  )
}

/** `0x0badcafe` is for ESP and AH, `0102030405060708` for IKE; both may begin with 0x. What is wrong is said in one sentence. */
export function parseSpiWord(text: string): Result<SpiWord, string> {
  const digits = /^(?:0x)?([0-9a-f]+)$/i.exec(text)?.[1]?.toLowerCase()
  if (digits?.length === 16) return ok({ kind: 'ike', spi: digits })
  if (digits !== undefined && digits.length <= 8) return ok({ kind: 'security', spi: Number.parseInt(digits, 16) })
  return failed('An SPI is 16 hexadecimal digits for IKE, up to 8 for ESP and AH.')
}

/** `IKE_AUTH`, `35`, or an exchange of IKEv1 by its name. */
export function parseExchangeWord(text: string): Result<number, string> {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return ok(Number(text))
  const entries = [...exchanges.entries, ...ikev1Exchanges.entries]
  const wanted = text.toLowerCase()
  const found = entries.find(({ notation, name }) => notation.toLowerCase() === wanted || name.toLowerCase() === wanted)
  if (found !== undefined) return ok(found.number)
  const nearest = nearestWord(
    text,
    entries.map(({ notation }) => notation),
  )
  return failed(
    nearest === undefined ? 'Exchanges are IKE_SA_INIT, IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL, …' : `Did you mean ${nearest}?`,
  )
}

export function parseAddressWord(text: string): Result<Address, string> {
  const address = parseAddress(text)
  return address === undefined ? failed('It is an IPv4 or IPv6 address.') : ok(address)
}

function layersOf(summary: Summary | undefined): readonly Summary[] {
  const layers: Summary[] = []
  for (let layer = summary; layer !== undefined; layer = layer.inside) layers.push(layer)
  return layers
}

function hasSpi({ ike, security }: Summary, word: SpiWord): boolean {
  if (word.kind === 'security') return security?.spi === word.spi
  return ike !== undefined && (ike.initiatorSpi === word.spi || ike.responderSpi === word.spi)
}

const hasAddress = ({ addresses }: Summary, address: Address): boolean =>
  addresses !== undefined && (addresses.source === address || addresses.destination === address)
