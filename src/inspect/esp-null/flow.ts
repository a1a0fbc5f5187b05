// One flow of ESP packets, and what is thought of it: encrypted, authenticated only, or not known yet. RFC 5879 §4, §6, §8.2, appendix A.2.
import { u32 } from '../../bytes/bytes.ts'
import { type Candidate, candidates } from './candidates.ts'
import { type Check, Look, noTraces, type Traces } from './look.ts'
import { checkNextHeader, checkUpper, showsItsPlace } from './upper.ts'

/** A check that passed, in how many packets, and what it said in all of them together. */
export interface Evidence {
  readonly check: Check
  readonly packets: number
  readonly bits: number
}

export type EspVerdict =
  /** `leading`: the lengths with most in their favour so far, if any are left. */
  | { readonly state: 'unsure'; readonly leading: Suspicion | undefined }
  /** `impossible`: for each pair of lengths why the deciding packet cannot have them. */
  | { readonly state: 'encrypted'; readonly impossible: readonly Impossible[] }
  | ({ readonly state: 'authenticated-only' } & Suspicion)

export interface Suspicion {
  /** Octets. */
  readonly icvLength: number
  /** Octets; `undefined` where the payload does not show where it begins. */
  readonly ivLength: 0 | 8 | undefined
  /** Which have these lengths: `AUTH_HMAC_SHA2_256_128`. */
  readonly algorithms: readonly string[]
  /** -log2 of the chance that ciphertext looks like this. */
  readonly bits: number
  /** One after another, that all fit. */
  readonly packets: number
  readonly evidence: readonly Evidence[]
}

export interface Impossible {
  readonly icvLength: number
  readonly ivLength: 0 | 8
  readonly why: string
}

/** What surrounds the packets of a flow. */
export interface Surroundings {
  /** Ones' complement sum of the outer addresses. */
  readonly addressSum: number
  readonly limit: number
  readonly portsElsewhere: (ports: number) => number
}

/** RFC 5879 §6: so many more misfits than fits, and what was found is found anew: the SPI has come to another SA. */
const mostMisfits = 8
const headerLength = 8
/** RFC 4303 §2.4: Pad Length and Next Header. */
const trailerLength = 2

export class EspFlow {
  #verdict: EspVerdict = { state: 'unsure', leading: undefined }
  #stateBefore: EspVerdict['state'] = 'unsure'
  #packets = 0
  #changes = 0
  #misfits = 0
  readonly #chains: readonly Chain[] = candidates.map((candidate) => new Chain(candidate))
  /** Sequence number and the eight octets behind it, of the packet before. */
  #before: Uint8Array | undefined

  get verdict(): EspVerdict {
    return this.#verdict
  }

  get packets(): number {
    return this.#packets
  }

  /** The state before the last packet. */
  get before(): EspVerdict['state'] {
    return this.#stateBefore
  }

  /** How often the verdict became another one after it had been found. */
  get changes(): number {
    return this.#changes
  }

  /** What the last packet had inside, by the verdict; for the memory of ports. */
  get traces(): Readonly<Traces> {
    return this.#decided()?.traces ?? noTraces
  }

  /** From the SPI to the ICV. Total; what is no ESP packet at all (RFC 4303 §2.4) is passed over. */
  note(esp: Uint8Array, around: Surroundings): EspVerdict {
    this.#stateBefore = this.#verdict.state
    if (esp.length < headerLength + 4 || esp.length % 4 !== 0) return this.#verdict
    this.#packets++
    const counts = this.#before !== undefined && isCounter(this.#before, esp)
    this.#before = esp.slice(4, 16)
    for (const chain of this.#chains) chain.look(esp, counts, around)
    const decided = this.#decided()
    const best = this.#best()
    if (decided !== undefined && !this.#isLost(decided, best, around.limit)) return this.#verdict
    if (best !== undefined && best.bits >= around.limit) this.#decide({ state: 'authenticated-only', ...this.#suspicion(best) })
    else if (best === undefined && this.#verdict.state !== 'encrypted')
      this.#decide({ state: 'encrypted', impossible: this.#chains.map(({ impossible }) => impossible) })
    else if (this.#verdict.state === 'unsure')
      this.#verdict = { state: 'unsure', leading: best === undefined ? undefined : this.#suspicion(best) }
    return this.#verdict
  }

  #decide(verdict: EspVerdict): void {
    if (this.#verdict.state !== 'unsure') this.#changes++
    this.#misfits = 0
    this.#verdict = verdict
  }

  /** The chain of the lengths that were decided on. */
  #decided(): Chain | undefined {
    const verdict = this.#verdict
    if (verdict.state !== 'authenticated-only') return undefined
    return this.#chains.find(({ candidate }) => isOf(verdict, candidate))
  }

  /** Whether a decision has to be taken anew. A damaged packet, or a stranger's, does not undo it. */
  #isLost(decided: Chain, best: Chain | undefined, limit: number): boolean {
    this.#misfits = Math.max(0, this.#misfits + (decided.length === 0 ? 1 : -1))
    return this.#misfits >= mostMisfits || (best !== undefined && best !== decided && best.bits >= decided.bits + limit)
  }

  /** RFC 5879 §8.2: of equals the shortest ICV. `undefined`: none fits. */
  #best(): Chain | undefined {
    let best: Chain | undefined
    for (const chain of this.#chains) if (chain.length > 0 && (best === undefined || chain.bits > best.bits)) best = chain
    return best
  }

  #suspicion({ candidate, bits, length, evidence, traces }: Chain): Suspicion {
    const { icvLength, ivLength, algorithms } = candidate
    const found = { icvLength, bits, packets: length, evidence: [...evidence.values()] }
    // RFC 5879 §8.2: of an unknown protocol the ICV can be told, and the IV cannot.
    if (showsItsPlace(traces.nextHeader)) return { ...found, ivLength, algorithms }
    const alike = candidates.filter((each) => each.icvLength === icvLength)
    return {
      ...found,
      ivLength: alike.length === 1 ? ivLength : undefined,
      algorithms: alike.flatMap((each) => each.algorithms),
    }
  }
}

const isOf = (found: Suspicion, { icvLength, ivLength }: Candidate): boolean =>
  found.icvLength === icvLength && (found.ivLength ?? 0) === ivLength

/** Packets without a gap that fit one pair of lengths. */
class Chain {
  readonly candidate: Candidate
  /** In packets; 0 when the last one did not fit. */
  length = 0
  bits = 0
  traces: Readonly<Traces> = noTraces
  impossible: Impossible
  readonly evidence = new Map<Check, Evidence>()

  constructor(candidate: Candidate) {
    this.candidate = candidate
    this.impossible = this.#because('nothing was seen')
  }

  look(esp: Uint8Array, counts: boolean, around: Surroundings): void {
    const { icvLength, ivLength } = this.candidate
    const at = headerLength + ivLength
    const end = esp.length - icvLength
    if (end - at < trailerLength) return this.#break('too short')
    const padLength = esp[end - 2] ?? 0
    const payloadEnd = end - trailerLength - padLength
    if (payloadEnd < at || !isPadding(esp, payloadEnd, padLength)) return this.#break('padding')
    const nextHeader = esp[end - 1] ?? 0
    const look = new Look(this.traces, around.portsElsewhere)
    look.pass('padding', 8 * (padLength + 1))
    checkNextHeader(look, nextHeader)
    checkUpper(look, nextHeader, {
      bytes: esp,
      at,
      end: payloadEnd,
      addressSum: around.addressSum,
      mayCount: counts && ivLength === 0,
    })
    return look.impossible === undefined ? this.#extend(look) : this.#break(look.impossible)
  }

  #extend(look: Look): void {
    this.length++
    this.bits += look.bits
    this.traces = look.traces
    for (const { check, bits } of look.passed) {
      const before = this.evidence.get(check)
      this.evidence.set(check, { check, packets: (before?.packets ?? 0) + 1, bits: (before?.bits ?? 0) + bits })
    }
  }

  #break(why: string): void {
    if (this.length === 0 && this.impossible.why === why) return
    this.length = 0
    this.bits = 0
    this.traces = noTraces
    this.impossible = this.#because(why)
    this.evidence.clear()
  }

  #because(why: string): Impossible {
    const { icvLength, ivLength } = this.candidate
    return { icvLength, ivLength, why }
  }
}

/** RFC 4303 §2.4: 1, 2, 3, … */
function isPadding(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== i + 1) return false
  return true
}

/**
 * Whether the eight octets behind the sequence number go with it, added or by exclusive or, as the IV of a counter does (RFC 4106 §3.1).
 * AES-GCM has such an IV in clear before ciphertext: read as ports it would look like one connection.
 */
function isCounter(before: Uint8Array, esp: Uint8Array): boolean {
  const now = esp.subarray(4, 16)
  if (u32(before, 4) !== u32(now, 4)) return false
  const [sequence, low] = [u32(now, 0), u32(now, 8)]
  const [sequenceBefore, lowBefore] = [u32(before, 0), u32(before, 8)]
  return (low ^ sequence) === (lowBefore ^ sequenceBefore) || ((low - sequence) | 0) === ((lowBefore - sequenceBefore) | 0)
}
