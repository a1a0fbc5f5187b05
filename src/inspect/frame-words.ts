// A decoded frame in words, the same for text and page: heading, remarks, faults. All of it is safe to print.
import { formatEndpoint } from '../net/address.ts'
import { escapeOctets } from './escape.ts'
import { verdictWords } from './esp-null/words.ts'
import type { DecodedFrame, FrameFault } from './frame-decoder.ts'

/** `frame 3, 0.012345 s, 192.0.2.1:500 → 192.0.2.2:500: IKE_SA_INIT request 0: SA, KE, NONCE`. `start`: time of the first frame. */
export function frameHeading(decoded: DecodedFrame, start: bigint | undefined): string {
  const { frame, annotation } = decoded
  const when = frame.at === undefined || start === undefined ? '' : `, ${formatSeconds(frame.at - start)} s`
  const ends = annotation === undefined ? undefined : endsOf(annotation.summary)
  return `frame ${frame.number}${when}${ends === undefined ? '' : `, ${ends}`}: ${decoded.carries}`
}

/** What belongs to it beyond its own octets. */
export function frameRemarks(decoded: DecodedFrame): readonly string[] {
  const { frame, place, fragments } = decoded
  const remarks = frame.comments.map((comment) => `comment: ${escapeOctets(comment.subarray(0, longestComment))}`)
  if (fragments.length > 0) remarks.push(`reassembled from frames ${fragments.join(', ')}`)
  if (decoded.espFlow?.news === 'news') remarks.push(`by its packets this flow is ${verdictWords(decoded.espFlow.flow.verdict)}`)
  if (place === undefined) return remarks
  if (place.transmission > 1) remarks.push(`transmission ${place.transmission} of the message in frame ${place.firstFrame}`)
  if (place.answers !== undefined) remarks.push(`answers frame ${place.answers}`)
  if (place.lostResponse !== undefined) remarks.push(`the response in frame ${place.lostResponse} was lost, or came too late`)
  return remarks
}

/** The fault, and the octets around the place. */
export function frameFaultLines(fault: FrameFault): readonly string[] {
  const rfc = fault.rfc === undefined ? '' : ` (${fault.rfc})`
  return [`${fault.code}: ${fault.message}${rfc}`, `${fault.region}, octet ${fault.offset}: ${fault.around}`]
}

/** Nanoseconds as seconds with six decimals, or nine where it takes them. */
export function formatSeconds(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : ''
  const whole = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const fraction = `${whole % 1_000_000_000n}`.padStart(9, '0')
  return `${sign}${whole / 1_000_000_000n}.${fraction.endsWith('000') ? fraction.slice(0, 6) : fraction}`
}

const longestComment = 1024

function endsOf({ addresses, ports }: NonNullable<DecodedFrame['annotation']>['summary']): string | undefined {
  if (addresses === undefined) return undefined
  if (ports === undefined) return `${addresses.source} → ${addresses.destination}`
  const source = formatEndpoint({ address: addresses.source, port: ports.source })
  return `${source} → ${formatEndpoint({ address: addresses.destination, port: ports.destination })}`
}
