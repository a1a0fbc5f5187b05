// What no input may do to a host, whatever it is: checked on everything that comes out.
import { u16, u32 } from '../../src/bytes/bytes.ts'
import type { Datagram, Input, Output } from '../../src/contract/machine.ts'
import type { ChildSaId, IkeSaId, OperationId } from '../../src/contract/units.ts'
import { nonEspMarker } from '../../src/net/non-esp-marker.ts'
import { decodeHeader, decodeMessage } from '../../src/wire/codec.ts'
import { isResponse } from '../../src/wire/flags.ts'
import type { WireHeader } from '../../src/wire/header.ts'

/** Milliseconds of computing that one input may take on the slowest machine that we think of. By the clock a busy machine would be found guilty. */
export const patience = 1_000
/** Outputs, events included, that one datagram may cause. */
const outputLimit = 64
/** Octets that one datagram may cause to be sent: a Child SA's answer with 255 selectors a side, in small fragments, is the longest that there is. */
const sentLimit = 13_000
/** Octets of an answer to a stranger that holds a notification: header, marker, cookie. */
const refusalLimit = 28 + 4 + 8 + 64
/** Octets of an answer to a stranger that makes an IKE SA: one suite, a public value of a curve, nonce, NAT detection. */
const initAnswerLimit = 512

export class Invariants {
  readonly #established = new Set<IkeSaId>()
  readonly #closed = new Set<IkeSaId>()
  readonly #childOf = new Map<IkeSaId, ChildSaId>()
  readonly #installed = new Set<string>()
  readonly #operations = new Map<OperationId, IkeSaId>()

  /** Halves of Child SAs in the data plane. */
  get installed(): number {
    return this.#installed.size
  }

  /** What is wrong with the outputs of one input, by its sentences. */
  check(outputs: readonly Output[], input: Input): readonly string[] {
    if (input.kind === 'completion') this.#operations.delete(input.completion.id)
    const wrong = outputs.flatMap((output) => this.#checkOne(output))
    if (outputs.length > outputLimit) wrong.push(`one input caused ${outputs.length} outputs`)
    if (input.kind === 'datagram') wrong.push(...checkAnswers(outputs, input.datagram))
    for (const [id, ikeSa] of this.#operations) {
      if (!this.#closed.has(ikeSa)) continue
      wrong.push('an operation goes on for an IKE SA that is closed')
      this.#operations.delete(id)
    }
    return wrong
  }

  #checkOne(output: Output): string[] {
    if (output.kind === 'install') return this.#install(output.sa)
    if (output.kind === 'remove')
      return this.#installed.delete(`${output.child} ${output.direction}`) ? [] : ['an SA was removed that was not installed']
    if (output.kind === 'operation') {
      const { id, ikeSa } = output.operation
      this.#operations.set(id, ikeSa)
      return this.#established.has(ikeSa) ? ['an operation was asked for after the IKE SA was up'] : []
    }
    if (output.kind === 'bypass') return ['a packet was let through unprotected where no policy says so']
    if (output.kind === 'deliver') return isAmongUs(output.bytes) ? [] : ['a packet was delivered that no selector is for']
    if (output.kind === 'cancel') return this.#operations.delete(output.id) ? [] : ['an operation was cancelled that is over']
    if (output.kind !== 'event' || !('ikeSa' in output.event) || output.event.ikeSa === undefined) return []
    const { name, ikeSa } = output.event
    if (name === 'ike-sa-closed') {
      const again = this.#closed.has(ikeSa)
      this.#closed.add(ikeSa)
      this.#established.delete(ikeSa)
      this.#childOf.delete(ikeSa)
      // Those of long ago are not heard of again.
      const [oldest] = this.#closed
      if (this.#closed.size > 256 && oldest !== undefined) this.#closed.delete(oldest)
      return again ? ['an IKE SA was closed twice'] : []
    }
    if (name === 'ike-sa-established') {
      const again = this.#established.has(ikeSa)
      this.#established.add(ikeSa)
      if (again) return ['an IKE SA was set up twice']
    }
    // What lingers still answers, and may say so.
    return this.#closed.has(ikeSa) && name !== 'message' ? [`${name} for an IKE SA that is closed`] : []
  }

  #install({ ikeSa, child, direction, encryptionKey, integrityKey }: Extract<Output, { kind: 'install' }>['sa']): string[] {
    const wrong: string[] = []
    if (!this.#established.has(ikeSa) || this.#closed.has(ikeSa)) wrong.push('a Child SA was installed for an IKE SA that is not up')
    if (encryptionKey?.wiped === true || integrityKey?.wiped === true) wrong.push('an SA was installed with keys that are gone')
    const other = this.#childOf.get(ikeSa)
    if (other !== undefined && other !== child) wrong.push('a second Child SA came up where the first is the only one that was asked for')
    this.#childOf.set(ikeSa, child)
    this.#installed.add(`${child} ${direction}`)
    return wrong
  }
}

/** From an address that some world's selectors have for Mallory, to the host. RFC 4301 §5.2. */
function isAmongUs(packet: Uint8Array): boolean {
  const isWhole = packet.length >= 20 && (packet[0] ?? 0) >>> 4 === 4 && u16(packet, 2) === packet.length
  return isWhole && u32(packet, 12) >>> 8 === 0xc00002 && u32(packet, 16) === 0xc0000201
}

/** RFC 7296 §2.21.4, and design: who is not verified gets one answer at most, where it asked from, no larger than needed. */
function checkAnswers(outputs: readonly Output[], received: Datagram): readonly string[] {
  const wrong: string[] = []
  const sent = outputs.flatMap((output) => (output.kind === 'send' ? [output.datagram] : []))
  const octets = sent.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (octets > sentLimit) wrong.push(`one datagram caused ${octets} octets to be sent`)
  const asked = header(received)
  const answers = sent.map(header).filter((answer) => answer !== undefined)
  // An answer, and the request that waited for the window to open: each may be in fragments (RFC 7383).
  const messages = new Set(sent.map((datagram, i) => messageOf(datagram) ?? i))
  if (messages.size > 2) wrong.push(`one datagram caused ${messages.size} messages to be sent`)
  // Nothing is answered but a request; a packet may use up an SA, and a response open the window, so that a request of ours follows.
  if ((asked === undefined || isResponse(asked.flags)) && answers.some(({ flags }) => isResponse(flags)))
    wrong.push('what is no request was answered')
  if (sent.some(({ remote }) => remote.address !== received.remote.address)) wrong.push('an answer went to another address')
  if (!isProtected(received)) wrong.push(...checkClear(sent, received))
  return wrong
}

/** Equal for the fragments of one message. */
function messageOf(datagram: Datagram): string | undefined {
  const found = header(datagram)
  return found === undefined ? undefined : [found.initiatorSpi, found.responderSpi, found.flags, found.messageId].join(' ')
}

function checkClear(sent: readonly Datagram[], received: Datagram): readonly string[] {
  const [answer] = sent
  if (answer === undefined) return []
  if (sent.length > 1) return [`a stranger got ${sent.length} answers`]
  const decoded = decodeMessage(octetsOf(answer))
  // A protected one is a stored answer, or a request of ours, and as long as it has to be.
  if (!decoded.ok || decoded.value.payloads.at(-1)?.kind === 'SK' || !isResponse(decoded.value.header.flags)) return []
  const limit = decoded.value.payloads.every(({ kind }) => kind === 'N') ? refusalLimit : initAnswerLimit
  return answer.bytes.length > limit ? [`a stranger who sent ${received.bytes.length} octets got ${answer.bytes.length}`] : []
}

function isProtected(datagram: Datagram): boolean {
  const decoded = decodeMessage(octetsOf(datagram))
  return datagram.channel !== 'esp' && decoded.ok && decoded.value.payloads.at(-1)?.kind === 'SK'
}

/** Of an IKE message, of whatever version. */
function header(datagram: Datagram): WireHeader | undefined {
  const decoded = decodeHeader(octetsOf(datagram))
  return datagram.channel !== 'esp' && decoded.ok ? decoded.value : undefined
}

const octetsOf = ({ channel, bytes }: Datagram): Uint8Array => (channel === 'nat-t' ? bytes.subarray(nonEspMarker.length) : bytes)
