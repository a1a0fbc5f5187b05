// How many captured IKE messages `ikebana decode` explains in a second, in each form: frames to text through the command's own functions,
// without reading the file and writing to the stream.
import { formOf } from '../src/cli/decode-forms.ts'
import { TextOutput } from '../src/cli/text-output.ts'
import { CaptureReader } from '../src/inspect/capture/reader.ts'
import { FrameDecoder } from '../src/inspect/frame-decoder.ts'
import { pcapngFile } from '../src/inspect/pcapng.ts'
import { ipPacket, udpDatagram } from '../src/net/build.ts'
import { ipProtocol } from '../src/iana/ip-protocols.ts'
import { encodeMessage } from '../src/wire/codec.ts'
import { ikeSpi } from '../src/contract/units.ts'
import { alice, bob } from './fixtures.ts'
import { request } from './codec.ts'
import { type Effort, median, race, timed } from './measure.ts'
import type { Figure } from './report.ts'

export function benchDecode(effort: Effort): readonly Figure[] {
  const capture = captureOf(messages)
  const forms = ['text', 'json', 'ladder'] as const
  const contenders = forms.map((form) => [{ count: messages, burst: () => timed(1, () => decodeAll(capture, form)) }])
  return race(effort, ...contenders).map((nanoseconds, i) => ({
    name: `decode a capture of IKE_SA_INIT as ${forms[i] ?? ''}`,
    value: 1e9 / median(nanoseconds),
    unit: 'messages/s',
  }))
}

const messages = 100

function decodeAll(capture: Uint8Array, name: 'text' | 'json' | 'ladder'): void {
  const decoder = new FrameDecoder({ decryption: undefined, ports: [], scope: 'ipsec' })
  const form = formOf(name, 'capture')
  const output = new TextOutput()
  output.add(form.begin())
  for (const item of new CaptureReader().read(capture)) {
    if (item.kind === 'frame') output.add(form.frame(decoder.decode(item.frame)))
  }
  output.add(form.end(decoder.unanswered, []))
}

/** Requests of one initiator, each with an SPI of its own. */
function captureOf(count: number): Uint8Array {
  const packets = Array.from({ length: count }, (_, i) => {
    const initiatorSpi = ikeSpi((i + 1).toString(16).padStart(16, '0'))
    const payload = encodeMessage({ ...request, header: { ...request.header, initiatorSpi } })
    const udp = udpDatagram({ source: { address: alice, port: 500 }, destination: { address: bob, port: 500 }, payload })
    const packet = ipPacket(alice, bob, ipProtocol.UDP, udp)
    return { at: BigInt(i) * 1_000_000n, packet, direction: undefined, comment: undefined }
  })
  return pcapngFile('ikebana', 'bench', packets)
}
