import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import type { Fault } from '../../src/contract/faults.ts'
import type { ProposalComparison, Refusal } from '../../src/contract/refusal.ts'
import type { ProposalTemplate } from '../../src/contract/transforms.ts'
import { formatFailure, formatRefusal } from '../../src/inspect/refusal.ts'
import { failureJson, refusalJson } from '../../src/inspect/refusal-json.ts'
import { address, addresses, encr, integ, ke, prf } from './samples.ts'

const ours: ProposalTemplate = { protocol: 1, transforms: [encr(20, 256), prf(5), ke(31)] }
const theirs: ProposalTemplate = { protocol: 1, transforms: [encr(12, 128), prf(5), integ(12), ke(31)] }
const comparison: ProposalComparison = {
  offered: theirs,
  offeredNumber: 1,
  configured: ours,
  verdicts: [
    { transformType: 1, verdict: 'differ', offered: [encr(12, 128)], configured: [encr(20, 256)] },
    { transformType: 2, verdict: 'agree', offered: [prf(5)], configured: [prf(5)] },
    { transformType: 4, verdict: 'agree', offered: [ke(31)], configured: [ke(31)] },
  ],
}
const fqdn = (name: string): { type: number; value: Uint8Array } => ({ type: 2, value: utf8(name) })
const notify = (type: number, changes: Partial<Extract<Refusal, { kind: 'notify' }>> = {}): Refusal => ({
  kind: 'notify',
  type,
  value: new Uint8Array(0),
  protected: 'protected',
  offered: [],
  selectors: undefined,
  ...changes,
})

describe('AH that cannot be used', () => {
  const none = { local: 'no-nat', remote: 'no-nat' } as const
  test.each([
    ['nat', { ...none, local: 'behind-nat' }, 'we are behind a NAT, which changes the addresses that AH authenticates (RFC 3715 §2.1)'],
    ['nat', { ...none, remote: 'behind-nat' }, 'the peer is, or says so, behind a NAT, which changes'],
    ['nat', { local: 'behind-nat', remote: 'behind-nat' }, 'both ends are behind a NAT, which changes'],
    ['forced-encapsulation', none, 'all is to go in UDP, as if behind a NAT, and AH never does (RFC 3948 §1)'],
    ['driver', none, 'it is about whole IP packets (RFC 4302 §3.3.3), and our driver has none, only UDP'],
  ] as const)('%s, %j', (reason, behindNat, says) => {
    const refusal: Refusal = { kind: 'protocol', protocol: 2, reason, behindNat }
    const [head, advice] = formatRefusal(refusal)
    expect(head).toContain(`AH cannot be used here: ${says}`)
    expect(advice).toContain('null-sha256')
    expect(refusalJson(refusal)).toEqual({
      kind: 'protocol',
      protocol: 'AH',
      reason,
      behindNat: { local: behindNat.local === 'behind-nat', remote: behindNat.remote === 'behind-nat' },
    })
  })
})

describe('a refused proposal', () => {
  const refusal: Refusal = { kind: 'proposal', protocol: 1, comparisons: [comparison] }
  test('names the algorithm in which the two differ, then compares type by type', () => {
    expect(formatRefusal(refusal)).toEqual([
      'no common IKE proposal: encryption differs: peer offered AES_CBC_128, configured AES_GCM_16_256',
      '  proposal 1 against ours:',
      '    encryption             differs  offered AES_CBC_128        configured AES_GCM_16_256',
      '    pseudorandom function  agrees   offered PRF_HMAC_SHA2_256  configured PRF_HMAC_SHA2_256',
      '    key exchange           agrees   offered CURVE25519         configured CURVE25519',
    ])
  })
  test('leads with the proposal that comes nearest', () => {
    const far: ProposalComparison = {
      ...comparison,
      verdicts: [
        { transformType: 1, verdict: 'differ', offered: [encr(3)], configured: [encr(20, 256)] },
        { transformType: 2, verdict: 'differ', offered: [prf(1)], configured: [prf(5)] },
      ],
    }
    const near: ProposalComparison = {
      ...comparison,
      offeredNumber: 2,
      verdicts: [
        { transformType: 3, verdict: 'not-offered', offered: [], configured: [integ(12)] },
        { transformType: 4, verdict: 'agree', offered: [ke(31)], configured: [ke(31)] },
      ],
    }
    const lines = formatRefusal({ kind: 'proposal', protocol: 3, comparisons: [far, near] })
    expect(lines[0]).toBe(
      'no common ESP proposal: integrity was not offered: configured HMAC_SHA2_256_128 (in the proposals that come nearest)',
    )
    expect(lines.filter((line) => line.includes('against ours'))).toHaveLength(2)
  })
  test('tells of transforms without a name by number', () => {
    const verdicts = [{ transformType: 1, verdict: 'not-configured', offered: [encr(999)], configured: [] }] as const
    expect(formatRefusal({ kind: 'proposal', protocol: 1, comparisons: [{ ...comparison, verdicts }] })[0]).toBe(
      'no common IKE proposal: encryption is not configured: peer offered unknown (999)',
    )
  })
  test('names the protocols where one offers AH and the other has ESP', () => {
    const offered = { protocol: 2, transforms: [integ(12)] }
    const other: ProposalComparison = { offered, offeredNumber: 1, configured: { protocol: 3, transforms: [encr(20, 256)] }, verdicts: [] }
    expect(formatRefusal({ kind: 'proposal', protocol: 3, comparisons: [other] })).toEqual([
      'no common ESP proposal: protocol differs: peer offered AH, configured ESP',
      '  proposal 1 against ours:',
      '    protocol  differs  offered AH  configured ESP',
    ])
  })
  test('says so when there was nothing to compare', () => {
    expect(formatRefusal({ kind: 'proposal', protocol: 3, comparisons: [] })).toEqual([
      'no common ESP proposal: none was offered that could be compared with a configured one',
    ])
  })
  test('is the same as JSON, with names', () => {
    expect(JSON.parse(JSON.stringify(refusalJson(refusal)))).toMatchObject({
      kind: 'proposal',
      protocol: 'IKE',
      comparisons: [
        {
          offeredNumber: 1,
          offered: { protocol: 'IKE', transforms: ['AES_CBC_128', 'PRF_HMAC_SHA2_256', 'HMAC_SHA2_256_128', 'CURVE25519'] },
          verdicts: [
            { transformType: 'encryption', verdict: 'differ', offered: ['AES_CBC_128'], configured: ['AES_GCM_16_256'] },
            { verdict: 'agree' },
            { verdict: 'agree' },
          ],
        },
      ],
    })
  })
})

describe('refused selectors', () => {
  test('are set against each other, pair by pair', () => {
    const refusal: Refusal = {
      kind: 'selectors',
      side: 'TSi',
      offered: [addresses('10.0.0.0', '10.0.0.255')],
      configured: [addresses('10.1.0.0', '10.1.0.255'), addresses('192.0.2.1', '192.0.2.1')],
      reason: 'addresses',
    }
    expect(formatRefusal(refusal)).toEqual([
      "the initiator's traffic selectors (TSi) have nothing in common: no address is in both: offered 10.0.0.0/24, configured 10.1.0.0/24, 192.0.2.1/32",
      '    offered 10.0.0.0/24  configured 10.1.0.0/24',
      '    offered 10.0.0.0/24  configured 192.0.2.1/32',
    ])
    expect(refusalJson(refusal)).toMatchObject({ side: 'TSi', offered: ['10.0.0.0/24'], configured: ['10.1.0.0/24', '192.0.2.1/32'] })
  })
})

describe('a refused identity', () => {
  test('is set against those expected', () => {
    const lines = formatRefusal({ kind: 'identity', got: fqdn('b.example'), expected: [fqdn('a.example')], reason: 'value' })
    expect(lines[0]).toContain('b.example')
    expect(lines[0]).toContain('a.example')
    expect(lines).toHaveLength(3)
  })
  test('cannot steer a terminal', () => {
    const lines = formatRefusal({ kind: 'identity', got: fqdn('\u001b[2J\u202e.example'), expected: [], reason: 'unknown' })
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('other refusals of ours', () => {
  test.each<[string, Refusal, string]>([
    [
      'modes',
      { kind: 'mode', offered: 'tunnel', configured: 'transport' },
      'the modes differ: the initiator offered tunnel mode, the responder has transport mode configured',
    ],
    [
      'a wrong key',
      { kind: 'authentication', peer: fqdn('b.example'), method: 2, reason: 'wrong-key', evidence: undefined, slip: undefined },
      'its AUTH payload was not made with our key',
    ],
    [
      'a wrong key of which the slip was found',
      { kind: 'authentication', peer: fqdn('b.example'), method: 2, reason: 'wrong-key', evidence: undefined, slip: 'final-newline' },
      'one of the two copies has a newline at the end',
    ],
    [
      'another method',
      { kind: 'authentication', peer: fqdn('b.example'), method: 1, reason: 'method' },
      'authenticates itself by RSA Digital Signature: configured Shared Key Message Integrity Code',
    ],
    ['no AUTH', { kind: 'authentication', peer: fqdn('b.example'), method: 2, reason: 'missing' }, 'sent no AUTH payload'],
    [
      'an AUTH that the peer rejects',
      { kind: 'authentication', peer: fqdn('b.example'), method: 2, reason: 'rejected-by-peer' },
      'the peer b.example did not accept our authentication',
    ],
    [
      'a group',
      { kind: 'key-exchange', got: 2, wanted: [31, 14], reason: 'group-not-accepted' },
      'key exchange MODP_1024 is not accepted: configured CURVE25519, MODP_2048',
    ],
    [
      'a public value',
      { kind: 'key-exchange', got: 19, wanted: [19], reason: 'public-value-invalid' },
      "the peer's public value for key exchange ECP_256 is not valid",
    ],
  ])('name the cause in the first line: %s', (_, refusal, cause) => {
    expect(formatRefusal(refusal)[0]).toContain(cause)
    expect(refusalJson(refusal)).toMatchObject({ kind: refusal.kind })
  })
})

describe('what the peer said', () => {
  test('is told in plain words, beside what we had offered', () => {
    const lines = formatRefusal(notify(14, { offered: [ours, theirs] }))
    expect(lines).toEqual([
      'the peer refused: none of the proposals that we offered suits it',
      '    it said: NO_PROPOSAL_CHOSEN (14); authenticated',
      '    we offered for IKE:',
      '      encryption: AES_GCM_16_256',
      '      pseudorandom function: PRF_HMAC_SHA2_256',
      '      key exchange: CURVE25519',
      '    or:',
      '      encryption: AES_CBC_128',
      '      pseudorandom function: PRF_HMAC_SHA2_256',
      '      integrity: HMAC_SHA2_256_128',
      '      key exchange: CURVE25519',
      expect.stringContaining('look at: '),
    ])
  })
  test('names the group that it wants', () => {
    const lines = formatRefusal(notify(17, { value: Uint8Array.of(0, 19), protected: 'unprotected' }))
    expect(lines[1]).toBe(
      '    it said: INVALID_KE_PAYLOAD (17), it wants ECP_256; not authenticated, anyone on the path could have sent it',
    )
  })
  test('is set beside our selectors', () => {
    const selectors = { local: [addresses('192.0.2.1', '192.0.2.1')], remote: [addresses('10.0.0.0', '10.0.0.255')] }
    expect(formatRefusal(notify(38, { selectors })).join('\n')).toContain('our selectors: local 192.0.2.1/32, remote 10.0.0.0/24')
  })
  test('is told by number where it has no name', () => {
    expect(formatRefusal(notify(4242, { value: Uint8Array.of(1, 2) }))[1]).toContain('(4242) with data 0102')
  })
})

describe('silence', () => {
  const ike = { address: address('192.0.2.2'), port: 500 }
  const natT = { ...ike, port: 4500 }
  const refusal: Refusal = {
    kind: 'silence',
    exchangeType: 34,
    transmissions: 5,
    elapsed: 31_000,
    remote: ike,
    heardFrom: undefined,
    hint: 'none',
  }

  test('says what was seen and where to look', () => {
    expect(formatRefusal(refusal)).toEqual([
      'no answer to IKE_SA_INIT: sent 5 times in 31.0 s to 192.0.2.2:500, nothing came back',
      expect.stringContaining('look at: the address and port'),
    ])
  })

  test.each([
    { seen: { hint: 'port-unreachable' as const }, words: 'the network says that the port is closed' },
    { seen: { hint: 'answered-in-ikev1' as const }, words: 'what came back was IKEv1' },
    { seen: { exchangeType: 35, hint: 'answered-in-part' as const }, words: 'of the answer some fragments came' },
    {
      seen: { exchangeType: 35, remote: natT, heardFrom: ike },
      words: 'to 192.0.2.2:4500, nothing came back, while 192.0.2.2:500 had answered',
    },
  ])('tells what came instead: $words', ({ seen, words }) => {
    expect(formatRefusal({ ...refusal, ...seen })[0]).toContain(words)
  })
})

describe('a fault without a comparison', () => {
  const fault: Fault = {
    family: 'wire',
    code: 'WIRE_TRUNCATED',
    offset: 28,
    field: 'SA.proposal[0].length',
    rfc: 'RFC 7296 §3.3.1',
    message: 'the proposal ends before its length',
  }
  test('speaks for itself', () => {
    expect(formatFailure(fault, undefined)).toEqual([
      'the proposal ends before its length (SA.proposal[0].length, offset 28) [WIRE_TRUNCATED, RFC 7296 §3.3.1]',
    ])
  })
  test('cites the RFC whether or not its number comes with the word', () => {
    const peer: Fault = { family: 'peer', code: 'PEER_SPI_ILLEGAL', message: 'no', rfc: '4303 §2.1' }
    expect(formatFailure(peer, undefined)).toEqual(['no [PEER_SPI_ILLEGAL, RFC 4303 §2.1]'])
  })
  test('gives way to a comparison where there is one, and keeps its code in JSON', () => {
    const refusal: Refusal = { kind: 'mode', offered: 'tunnel', configured: 'transport' }
    expect(formatFailure(fault, refusal)).toEqual(formatRefusal(refusal))
    expect(failureJson(fault, refusal)).toMatchObject({
      code: 'WIRE_TRUNCATED',
      reason: formatRefusal(refusal)[0],
      refusal: { kind: 'mode' },
    })
  })
})
