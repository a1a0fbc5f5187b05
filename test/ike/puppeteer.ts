// Says anything in Alice's name to Bob, inside their IKE SA: Alice's host tells its keys, and stays silent from then on.
import { concat } from '../../src/bytes/bytes.ts'
import type { Datagram, Output } from '../../src/contract/machine.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { ikeAlgorithms } from '../../src/crypto/suites.ts'
import { openMessage, sealMessage } from '../../src/ike/sa/protect.ts'
import type { Session } from '../../src/ike/sa/states.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import type { Header, Payload } from '../../src/wire/message.ts'
import { alice, bob, bringUp, pair, type Pair, provider } from '../host/two-hosts.ts'
import { seededRandom } from '../../src/lab/random.ts'

export interface Fragment {
  readonly number: number
  readonly total: number
  readonly content: Uint8Array
  readonly messageId: number
  readonly firstPayload?: number
  readonly exchangeType?: number
  readonly flags?: number
}

export class Puppeteer {
  readonly both: Pair
  readonly session: Session
  readonly #header: Header
  #nextId: number

  /** `until`: how far the hosts may go by themselves. `init`: only IKE_SA_INIT has been exchanged. */
  constructor(until: 'init' | 'established', right: Parameters<typeof pair>[1] = {}, left: Parameters<typeof pair>[0] = {}) {
    let sent = 0
    this.both = pair({ dangerKeyLog: 'on', ...left }, right, undefined, (datagram) =>
      until === 'init' && datagram.local.address === alice.address && ++sent > 1 ? undefined : datagram,
    )
    bringUp(this.both, 1_000)
    const [keys] = this.both.a.named('danger-ike-keys')
    const algorithms = keys === undefined ? undefined : ikeAlgorithms(provider, keys.suite)
    if (keys === undefined || algorithms === undefined) throw new Error('no keys')
    const { skEi, skEr, skAi, skAr } = keys
    const unused = new Secret(new Uint8Array(0))
    this.session = {
      suite: keys.suite,
      algorithms,
      keys: { skEi, skEr, skAi, skAr, skD: unused, skPi: unused, skPr: unused },
      sealed: 1_000,
      fragmentation: undefined,
    }
    const { initiatorSpi, responderSpi } = keys
    this.#header = {
      initiatorSpi,
      responderSpi,
      majorVersion: 2,
      minorVersion: 0,
      exchangeType: 37,
      flags: headerFlag.INITIATOR,
      messageId: 0,
    }
    this.#nextId = until === 'init' ? 1 : 2
  }

  /** A request with the next Message ID (or another), sealed; what Bob answers, opened. */
  request(exchangeType: number, payloads: readonly Payload[], messageId: number = this.#nextId++): readonly Payload[] | undefined {
    return this.raw(this.seal(exchangeType, payloads, messageId))
  }

  seal(exchangeType: number, payloads: readonly Payload[], messageId: number, flags: number = headerFlag.INITIATOR): Uint8Array {
    return sealMessage(this.session, 'initiator', { ...this.#header, exchangeType, messageId, flags }, payloads, seededRandom(4))
  }

  /** Any octets in the place of payloads, sealed by AES-GCM as RFC 5282 §3 has it, with the next Message ID. */
  sealOctets(firstPayload: number, inner: Uint8Array): Uint8Array {
    const { encryption } = this.session.algorithms
    if (encryption.kind !== 'aead') throw new Error('the test is for an AEAD')
    const iv = seededRandom(8)(8)
    const body = new Uint8Array(8 + inner.length + 1 + encryption.icvLength)
    const header = { ...this.#header, messageId: this.#nextId++ }
    const bytes = encodeMessage({ header, payloads: [{ kind: 'SK', critical: false, firstPayload, body }] })
    const at = bytes.length - body.length
    bytes.set(iv, at)
    bytes.set(encryption.seal(this.session.keys.skEi, iv, bytes.subarray(0, at), concat(inner, new Uint8Array(1))), at + 8)
    return bytes
  }

  /** One fragment, said to be what is asked for, whatever is in it. */
  fragment({
    number,
    total,
    content,
    firstPayload = number === 1 ? 41 : 0,
    messageId,
    exchangeType = 37,
    flags = headerFlag.INITIATOR,
  }: Fragment): Uint8Array {
    const { encryption } = this.session.algorithms
    if (encryption.kind !== 'aead') throw new Error('the test is for an AEAD')
    const body = new Uint8Array(8 + content.length + 1 + encryption.icvLength)
    const skf = { kind: 'SKF', critical: false, firstPayload, fragmentNumber: number, totalFragments: total, body } as const
    const bytes = encodeMessage({ header: { ...this.#header, messageId, exchangeType, flags }, payloads: [skf] })
    const at = bytes.length - body.length
    const iv = seededRandom(total * 65_536 + number)(8)
    bytes.set(iv, at)
    bytes.set(encryption.seal(this.session.keys.skEi, iv, bytes.subarray(0, at), concat(content, new Uint8Array(1))), at + 8)
    return bytes
  }

  get header(): Header {
    return this.#header
  }

  get nextId(): number {
    return this.#nextId
  }

  /** Whole octets to Bob's NAT traversal port, behind a marker. */
  raw(bytes: Uint8Array): readonly Payload[] | undefined {
    return this.#open(this.outputs(bytes).flatMap((output) => (output.kind === 'send' ? [output.datagram] : [])))
  }

  outputs(bytes: Uint8Array): readonly Output[] {
    const marked = new Uint8Array(bytes.length + 4)
    marked.set(bytes, 4)
    const datagram: Datagram = {
      channel: 'nat-t',
      local: { address: bob.address, port: 4500 },
      remote: { address: alice.address, port: 4500 },
      bytes: marked,
    }
    const outputs = this.both.b.host.handle(this.both.network.now, { kind: 'datagram', datagram })
    for (const output of outputs) if (output.kind === 'event') this.both.b.events.push(output.event)
    return outputs
  }

  #open(answers: readonly Datagram[]): readonly Payload[] | undefined {
    const [answer] = answers
    if (answer === undefined) return undefined
    const bytes = answer.bytes.subarray(4)
    const decoded = decodeMessage(bytes)
    const sk = decoded.ok ? decoded.value.payloads.at(-1) : undefined
    if (sk?.kind !== 'SK') throw new Error('the answer is not protected')
    const opened = openMessage(this.session, 'responder', bytes, sk)
    if (!opened.ok) throw new Error(opened.fault.message)
    return opened.value
  }
}
