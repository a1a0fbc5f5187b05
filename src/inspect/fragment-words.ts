// How captures treat fragments of IP packets, and what is said of those that are not taken.
import type { FragmentFault } from '../net/fragment-place.ts'
import type { ReassemblyLimits } from '../net/reassembly.ts'

/** A capture has the packets of many hosts, and of links with small MTUs. */
export const captureReassembly: ReassemblyLimits = { packets: 1024, fragments: 2048, octets: 16 * 1024 * 1024, patience: 60_000 }

export const fragmentWords: Readonly<Record<FragmentFault, { readonly reason: string; readonly rfc: string }>> = {
  'fragment-overlap': { reason: 'fragments of one packet overlap with different octets', rfc: 'RFC 5722 §4' },
  'fragment-too-long': { reason: 'the fragment ends beyond 65535 octets', rfc: 'RFC 8200 §4.5' },
  'fragment-misaligned': { reason: 'a fragment that is not the last one is not a multiple of 8 octets', rfc: 'RFC 8200 §4.5' },
  'fragment-empty': { reason: 'a fragment without data', rfc: 'RFC 791 §3.2' },
  'fragment-tiny': { reason: 'the first fragment does not hold the upper-layer header', rfc: 'RFC 1858 §3' },
  'too-many-fragments': { reason: `more than ${captureReassembly.fragments} fragments`, rfc: 'RFC 791 §3.2' },
  'fragment-congestion': {
    reason: 'one fragment has met congestion, and another says that marks of it are not known',
    rfc: 'RFC 3168 §5.3',
  },
}
