// SPIs 0 to 255 are reserved, and 0 never is on the wire: nobody of us chooses them, and nobody takes them. RFC 4302 §2.4, RFC 4303 §2.1.
import { describe, expect, it } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import { notify } from '../../src/iana/notify.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { acceptChild, type OfferedChild } from '../../src/ike/child/child-request.ts'
import { Registry } from '../../src/ike/endpoint/registry.ts'
import { notification } from '../../src/ike/notifications.ts'
import type { SaPath } from '../../src/ike/sa/ike-sa.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { toWireProposals } from '../../src/policy/proposal-choice.ts'
import { parseProposal } from '../../src/policy/proposal-words.ts'
import type { Payload } from '../../src/wire/message.ts'
import { alice, bob, value } from '../host/two-hosts.ts'
import { Puppeteer } from './puppeteer.ts'

const random = seededRandom(255)
const template = value(parseProposal('aes128gcm16-noesn', protocol.ESP))
const whole = ({ address }: typeof alice) => [{ protocol: 0, startPort: 0, endPort: 65_535, startAddress: address, endAddress: address }]
const payloads = (...spi: readonly number[]): readonly Payload[] => [
  notification(notify.USE_TRANSPORT_MODE),
  { kind: 'SA', critical: false, proposals: toWireProposals([template], protocol.ESP, Uint8Array.from(spi)) },
  { kind: 'NONCE', critical: false, nonce: random(32) },
  { kind: 'TSi', critical: false, selectors: whole(alice) },
  { kind: 'TSr', critical: false, selectors: whole(bob) },
]
/** And the first that is not. */
const spis = [
  [0, 0, 0, 0],
  [0, 0, 0, 1],
  [0, 0, 0, 255],
  [0, 0, 1, 0],
] as const

describe('reserved SPIs', () => {
  it('of a request are refused', () => {
    const puppet = new Puppeteer('established')
    const answers = spis.map((spi) => puppet.request(exchange.CREATE_CHILD_SA, payloads(...spi)))
    expect(answers.map((answer) => answer?.some(({ kind }) => kind === 'SA'))).toEqual([false, false, false, true])
  })

  it('of an answer are refused', () => {
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
    expect(spis.map((spi) => acceptChild(offered, path, payloads(...spi)).ok)).toEqual([false, false, false, true])
  })

  it('are never chosen by us', () => {
    const drawn = [...spis]
    const registry = new Registry(() => Uint8Array.from(drawn.shift() ?? expect.fail()))
    expect(registry.newSpi()).toBe(256)
  })
})
