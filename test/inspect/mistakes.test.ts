// Sixteen mistakes of operators. Whoever reads the first line of what is said finds the cause in it; where one side cannot know the
// cause, since RFC 7296 hides it, it says what it saw, and guesses nothing.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import type { Event } from '../../src/contract/events.ts'
import { findKeySlip } from '../../src/crypto/key-slips.ts'
import { failureHtml } from '../../src/inspect/refusal-html.ts'
import { failureJson } from '../../src/inspect/refusal-json.ts'
import { formatFailure } from '../../src/inspect/refusal.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { parseProposal } from '../../src/policy/proposal-words.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { alice, bob, bringUp, type Pair, pair, provider, value } from '../host/two-hosts.ts'

type Failure = Extract<Event, { name: 'ike-sa-failed' | 'child-sa-failed' | 'request-refused' }>

function failuresOf(host: LabHost): readonly Failure[] {
  return [...host.named('ike-sa-failed'), ...host.named('child-sa-failed'), ...host.named('request-refused')]
}

/** The first line that a host says, after checking that every form of it says the same. */
function firstLine(host: LabHost): string {
  const [failure] = failuresOf(host)
  if (failure === undefined) return 'nothing'
  const [line = ''] = formatFailure(failure.fault, failure.refusal)
  expect(JSON.parse(JSON.stringify(failureJson(failure.fault, failure.refusal)))).toMatchObject({ code: failure.fault.code })
  expect(failureHtml(failure.fault, failure.refusal)).toContain('<summary>')
  return line
}

function attempt(both: Pair): { readonly initiator: string; readonly responder: string } {
  bringUp(both, 20_000)
  both.network.run(600_000)
  return { initiator: firstLine(both.a), responder: firstLine(both.b) }
}

const swallowing = (lost: (remotePort: number) => boolean) =>
  pair({}, {}, {}, (datagram) => (lost(datagram.remote.port) ? undefined : datagram))
const net = (text: string) => [value(parseSelector(text))]
const esp = (words: string) => ({ child: { proposals: [value(parseProposal(words, 3))] } })

describe('nobody there', () => {
  it('1. nothing answers', () => {
    expect(attempt(swallowing(() => true)).initiator).toMatch(
      /^no answer to IKE_SA_INIT: sent 13 times in .* to 192\.0\.2\.2:500, nothing came back$/,
    )
  })

  it('2. the port is closed', () => {
    const both = swallowing(() => true)
    bringUp(both, 1_000)
    const remote = { address: bob.address, port: 500 }
    both.network.feed(both.a, { kind: 'path', change: { kind: 'unreachable', remote, reason: 'port' } })
    both.network.run(600_000)
    expect(firstLine(both.a)).toContain('the network says that the port is closed')
  })

  it('3. the peer speaks only IKEv1', () => {
    const both: Pair = pair({}, {}, {}, (datagram) => {
      if (datagram.local.address !== alice.address) return datagram
      // An IKEv1 Informational exchange with a notification in clear, as an old daemon answers: RFC 2408 §3.1.
      const bytes = new Uint8Array(40)
      bytes.set(datagram.bytes.subarray(0, 8))
      bytes.set([11, 0x10, 5, 0], 16)
      bytes[27] = 40
      both.network.transmit({ ...datagram, local: datagram.remote, remote: datagram.local, bytes })
      return undefined
    })
    expect(attempt(both).initiator).toContain('what came back was IKEv1')
  })

  it('16. port 500 is open, 4500 is blocked', () => {
    expect(attempt(swallowing((port) => port === 4500)).initiator).toMatch(
      /^no answer to IKE_AUTH: .* to 192\.0\.2\.2:4500, nothing came back, while 192\.0\.2\.2:500 had answered before$/,
    )
  })
})

describe('no common algorithms', () => {
  const initiatorSees = 'the peer refused: none of the proposals'

  it('4. no common IKE cipher', () => {
    const said = attempt(pair({ ike: 'aes128gcm16-prfsha256-x25519' }, { ike: 'aes256gcm16-prfsha256-x25519' }))
    expect(said.responder).toContain('encryption differs: peer offered AES_GCM_16_128, configured AES_GCM_16_256')
    expect(said.initiator).toContain(initiatorSees)
  })

  it('5. no common PRF or integrity', () => {
    const said = attempt(pair({ ike: 'aes128-sha256-prfsha256-x25519' }, { ike: 'aes128-sha384-prfsha512-x25519' }))
    expect(said.responder).toContain('pseudorandom function differs: peer offered PRF_HMAC_SHA2_256, configured PRF_HMAC_SHA2_512')
    expect(said.responder).toContain('integrity differs')
  })

  it('6. the key exchange group is not accepted', () => {
    const said = attempt(pair({ ike: 'aes128gcm16-prfsha256-x25519' }, { ike: 'aes128gcm16-prfsha256-ecp384' }))
    expect(said.responder).toContain('key exchange differs: peer offered CURVE25519, configured ECP_384')
  })

  it('7. no common ESP proposal', () => {
    const said = attempt(pair(esp('aes128gcm16-noesn'), esp('aes256-sha256-noesn')))
    expect(said.responder).toContain('encryption differs: peer offered AES_GCM_16_128, configured AES_CBC_256')
    expect(said.initiator).toContain(initiatorSees)
  })

  it('8. ESN on one side only', () => {
    const said = attempt(pair(esp('aes128gcm16-esn'), esp('aes128gcm16-noesn')))
    expect(said.responder).toMatch(/no common ESP proposal: sequence numbers differs?: /)
  })
})

describe('not who it should be', () => {
  it('9. a wrong key', () => {
    const said = attempt(pair({}, { key: 'another one' }))
    expect(said.responder).toContain('its AUTH payload was not made with our key')
    // RFC 7296 §2.21.2: the other side hears no more than this.
    expect(said.initiator).toContain('the peer refused: it could not authenticate')
  })

  it('10. a key with a trailing newline: whoever has the key finds it out', () => {
    const both = pair({ key: `${bob.key}\n` }, {})
    bringUp(both, 20_000)
    const [failure] = both.b.named('ike-sa-failed')
    if (failure?.refusal?.kind !== 'authentication' || failure.refusal.reason !== 'wrong-key' || failure.refusal.evidence === undefined) {
      throw new Error('no evidence')
    }
    const slip = findKeySlip(provider, new Secret(utf8(bob.key)), failure.refusal.evidence)
    expect(formatFailure(failure.fault, { ...failure.refusal, slip })[0]).toContain('one of the two copies has a newline at the end')
  })

  it('11. an unexpected identity', () => {
    const said = attempt(pair({}, { peer: 'carol.example' }))
    expect(said.responder).toMatch(/alice\.example.* is not the expected .*carol\.example/)
    expect(said.initiator).toContain('the peer refused: it could not authenticate')
  })

  it('12. the right identity of the wrong type', () => {
    const said = attempt(pair({ identity: 'keyid:alice.example' }, {}))
    expect(said.responder).toMatch(/alice\.example.* is of another type than the expected .*alice\.example/)
  })
})

describe('not the same traffic', () => {
  const tunnel = (local: string, remote: string) => ({
    child: { mode: 'tunnel' as const, localSelectors: net(local), remoteSelectors: net(remote) },
  })

  it('13. selectors that do not meet', () => {
    const said = attempt(pair(tunnel('10.1.0.0/16', '10.2.0.0/16'), tunnel('10.3.0.0/16', '10.1.0.0/16')))
    expect(said.responder).toContain('no address is in both: offered 10.2.0.0/16, configured 10.3.0.0/16')
    expect(said.initiator).toContain('the peer refused: none of our traffic')
  })

  it('14. local and remote swapped', () => {
    const same = tunnel('10.1.0.0/16', '10.2.0.0/16')
    expect(attempt(pair(same, same)).responder).toContain('local and remote are swapped on one side')
  })

  it('15. transport mode against tunnel mode, either way round', () => {
    const wantsTunnel = attempt(pair({ child: { mode: 'tunnel' } }, {}))
    expect(wantsTunnel.responder).toContain('the initiator offered tunnel mode, the responder has transport mode configured')
    const wantsTransport = attempt(pair({}, { child: { mode: 'tunnel' } }))
    expect(wantsTransport.initiator).toContain('the initiator offered transport mode, the responder has tunnel mode configured')
  })
})
