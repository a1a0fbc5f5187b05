// A crowd of strangers: an IKE_SA_INIT request from each of many addresses, and no word after the answer.
// It runs in a namespace that has all of them: strangers-program.ts TARGET ADDRESS…; it ends when each has had an answer, or said so.
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { toHex } from '../../../src/bytes/bytes.ts'
import { ikeSpi } from '../../../src/contract/units.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import { exchange } from '../../../src/iana/exchanges.ts'
import { protocol } from '../../../src/iana/protocols.ts'
import { keyExchange } from '../../../src/iana/transforms.ts'
import { toWireProposals } from '../../../src/policy/proposal-choice.ts'
import { parseProposal } from '../../../src/policy/proposal-words.ts'
import { encodeMessage } from '../../../src/wire/codec.ts'
import { headerFlag } from '../../../src/wire/flags.ts'

const [target = '', ...addresses] = process.argv.slice(2)
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const proposal = parseProposal('aes128gcm16-prfsha256-ecp256', protocol.IKE)
const pair = nodeProvider().keyExchange(keyExchange.ECP_256)?.generate(random)
if (!proposal.ok || pair === undefined) throw new Error('no request can be made')
const proposals = toWireProposals([proposal.value], protocol.IKE, new Uint8Array(0))

function request(publicValue: Uint8Array): Uint8Array {
  return encodeMessage({
    header: {
      initiatorSpi: ikeSpi(toHex(random(8))),
      responderSpi: ikeSpi('0000000000000000'),
      majorVersion: 2,
      minorVersion: 0,
      exchangeType: exchange.IKE_SA_INIT,
      flags: headerFlag.INITIATOR,
      messageId: 0,
    },
    payloads: [
      { kind: 'SA', critical: false, proposals },
      { kind: 'KE', critical: false, method: keyExchange.ECP_256, publicValue },
      { kind: 'NONCE', critical: false, nonce: random(32) },
    ],
  })
}

const bytes = addresses.map(() => request(pair.publicValue))
const answered = await Promise.all(
  addresses.map(
    async (address, i) =>
      await new Promise<boolean>((resolve) => {
        const socket = createSocket('udp4')
        const end = (heard: boolean): void => {
          clearTimeout(timer)
          socket.close()
          resolve(heard)
        }
        const timer = setTimeout(() => end(false), 3_000)
        socket.once('message', () => end(true))
        socket.bind({ address, port: 0 }, () => socket.send(bytes[i] ?? new Uint8Array(0), 500, target))
      }),
  ),
)
process.stdout.write(`${answered.filter(Boolean).length} answers\n`)
