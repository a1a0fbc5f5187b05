// A capture, explained octet by octet: here of two hosts in the lab. `ikebana decode FILE` does the same for files.
import { nodeProvider } from 'ikebana/crypto/node'
import { CaptureReader, FrameDecoder, formatTree, framePacket, frameHeading, pcapngFile } from 'ikebana/inspect'
import { runScenario } from 'ikebana/lab'
import { firstContact } from './scenarios/first-contact.ts'

const { stage } = runScenario(firstContact, { seed: 1, provider: nodeProvider })
const packets = stage.network.sent.map((datagram, i) => ({
  at: BigInt(i) * 10_000_000n,
  direction: 'sent' as const,
  packet: framePacket('sent', datagram),
  comment: undefined,
}))
const capture = pcapngFile('an example', 'lab', packets)

// From here on: any capture, in chunks of any size.
const reader = new CaptureReader()
const decoder = new FrameDecoder({ decryption: undefined, ports: [], scope: 'ipsec' })
for (const item of [...reader.read(capture), ...reader.end()]) {
  if (item.kind !== 'frame') continue
  const decoded = decoder.decode(item.frame)
  console.log(frameHeading(decoded, 0n))
  if (decoded.annotation !== undefined && item.frame.number === 1) console.log(formatTree(decoded.annotation))
}
