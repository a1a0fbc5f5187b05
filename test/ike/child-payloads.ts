// The payloads about one Child SA for all traffic between Alice and Bob in transport mode, which are the same in a request and in its answer, and
// what Alice makes of an answer. RFC 7296 §1.2, §1.3.1.
import { notify } from '../../src/iana/notify.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { acceptChild, type OfferedChild } from '../../src/ike/child/child-request.ts'
import { notification } from '../../src/ike/notifications.ts'
import type { SaPath } from '../../src/ike/sa/ike-sa.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { toWireProposals } from '../../src/policy/proposal-choice.ts'
import { parseProposal } from '../../src/policy/proposal-words.ts'
import type { Payload } from '../../src/wire/message.ts'
import { alice, bob, value } from '../host/two-hosts.ts'

const random = seededRandom(255)
const template = value(parseProposal('aes128gcm16-noesn', protocol.ESP))
const whole = ({ address }: typeof alice) => [{ protocol: 0, startPort: 0, endPort: 65_535, startAddress: address, endAddress: address }]

export const childPayloads = (spi: Uint8Array = random(4), ...notifications: readonly Payload[]): readonly Payload[] => [
  notification(notify.USE_TRANSPORT_MODE),
  ...notifications,
  { kind: 'SA', critical: false, proposals: toWireProposals([template], protocol.ESP, spi) },
  { kind: 'NONCE', critical: false, nonce: random(32) },
  { kind: 'TSi', critical: false, selectors: whole(alice) },
  { kind: 'TSr', critical: false, selectors: whole(bob) },
]

const offered: OfferedChild = {
  mode: 'transport',
  templates: [template],
  proposals: toWireProposals([template], protocol.ESP, random(4)),
  laterFragments: 'not-wanted',
  local: whole(alice),
  remote: whole(bob),
}
const end = ({ address }: typeof alice) => ({ address, port: 4500 })
const path: SaPath = {
  channel: 'ike',
  local: end(alice),
  remote: end(bob),
  localPorts: { address: alice.address, ikePort: 500, natPort: 4500 },
  remotePorts: { address: bob.address, ikePort: 500, natPort: 4500 },
  nat: { local: 'no-nat', remote: 'no-nat', encapsulation: 'none' },
  bare: 'esp',
}

export const acceptAnswer = (payloads: readonly Payload[]): ReturnType<typeof acceptChild> => acceptChild(offered, path, payloads)
