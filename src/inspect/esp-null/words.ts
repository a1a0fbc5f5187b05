// What is thought of a flow of ESP, in words and as JSON. RFC 5879. All of it is safe to print.
/* oxlint-disable consistent-return -- TypeScript sees that the switch is exhaustive */
import { formatSpi } from '../../contract/units.ts'
import { type Address, formatEndpoint } from '../../net/address.ts'
import type { JsonObject } from '../describe.ts'
import type { EspVerdict, Impossible, Suspicion } from './flow.ts'
import type { EspFlowView } from './flows.ts'
import { checkWords } from './look.ts'

/** `authenticated only: an ICV of 16 octets and no IV (AUTH_HMAC_SHA2_256_128), …` */
export function verdictWords(verdict: EspVerdict): string {
  switch (verdict.state) {
    case 'authenticated-only':
      return `authenticated only: ${lengths(verdict)} (${verdict.algorithms.join(', ')}), ${certainty(verdict)}`
    case 'encrypted':
      return 'encrypted: no ICV length leaves padding and headers where clear packets have them'
    case 'unsure':
      if (verdict.leading === undefined) return 'unsure: no packet to go by'
      return `unsure, may be authenticated only: ${lengths(verdict.leading)}, ${certainty(verdict.leading)} so far`
  }
}

/** The flow and the verdict; then the reasons, indented. */
export function espFlowLines(view: EspFlowView): readonly string[] {
  const { verdict, packets, changes } = view
  const again = changes === 0 ? '' : `, found anew ${times(changes)}`
  const heading = `${ends(view)}ESP ${formatSpi(view.spi)}, ${count(packets)}${again}: ${verdictWords(verdict)}`
  return [heading, ...reasons(verdict).map((line) => `  ${line}`)]
}

export function espFlowJson(view: EspFlowView): JsonObject {
  const { source, destination, ports, spi, packets, changes, verdict } = view
  return {
    kind: 'esp-flow',
    addresses: source === undefined || destination === undefined ? null : { source, destination },
    ports: ports === undefined ? null : { source: ports.source, destination: ports.destination },
    spi: formatSpi(spi),
    packets,
    changes,
    ...verdictJson(verdict),
  }
}

/** The verdict alone, with its reasons. */
export function verdictJson(verdict: EspVerdict): JsonObject {
  const found = verdict.state === 'authenticated-only' ? verdict : verdict.state === 'unsure' ? verdict.leading : undefined
  return {
    state: verdict.state,
    icv: found?.icvLength ?? null,
    iv: found?.ivLength ?? null,
    algorithms: found?.algorithms ?? [],
    bits: found?.bits ?? 0,
    evidence: (found?.evidence ?? []).map(({ check, bits, packets }) => ({ check, bits, packets })),
    impossible:
      verdict.state === 'encrypted'
        ? verdict.impossible.map(({ icvLength, ivLength, why }) => ({ icv: icvLength, iv: ivLength, why }))
        : [],
  }
}

function reasons(verdict: EspVerdict): readonly string[] {
  if (verdict.state === 'encrypted') return impossibleLines(verdict.impossible)
  const found = verdict.state === 'unsure' ? verdict.leading : verdict
  return (found?.evidence ?? []).map(({ check, bits, packets }) => `${bits} bits: ${checkWords[check]} (${count(packets)})`)
}

/** What is wrong for the same reason shares a line. */
function impossibleLines(impossible: readonly Impossible[]): readonly string[] {
  const byReason = new Map<string, string[]>()
  for (const { icvLength, ivLength, why } of impossible)
    byReason.set(why, [...(byReason.get(why) ?? []), ivLength === 0 ? `${icvLength}` : `${icvLength} with an IV of ${ivLength}`])
  return [...byReason].map(([why, of]) => `not an ICV of ${of.join(', ')} octets: ${why}`)
}

function lengths({ icvLength, ivLength }: Pick<Suspicion, 'icvLength' | 'ivLength'>): string {
  const iv = ivLength === undefined ? 'an IV or none' : ivLength === 0 ? 'no IV' : `an IV of ${ivLength}`
  return `an ICV of ${icvLength} octets and ${iv}`
}

const certainty = ({ bits, packets }: Suspicion): string => `${bits} bits for it in ${count(packets)}`
const count = (packets: number): string => `${packets} packet${packets === 1 ? '' : 's'}`
const times = (changes: number): string => (changes === 1 ? 'once' : `${changes} times`)

function ends({ source, destination, ports }: EspFlowView): string {
  if (source === undefined || destination === undefined) return ''
  const end = (address: Address, port: number | undefined): string => (port === undefined ? address : formatEndpoint({ address, port }))
  return `${end(source, ports?.source)} → ${end(destination, ports?.destination)} `
}
