// Ratings, and that nothing is proposed unasked that the RFCs do not rate MUST or SHOULD.
import { describe, expect, test } from 'vitest'
import type { ProposalTemplate, TransformChoice } from '../../src/contract/transforms.ts'
import { algorithmRequirements, type AlgorithmUse, deprecatedAlgorithms } from '../../src/iana/algorithm-requirements.ts'
import { encryption, transformType } from '../../src/iana/transforms.ts'
import { mayBeDefault, rateAlgorithm } from '../../src/policy/algorithm-rating.ts'
import { algorithmWords, formatTransform } from '../../src/policy/algorithm-words.ts'
import { defaultEspProposals, defaultIkeProposals, parseProposal } from '../../src/policy/proposal-words.ts'
import { protectPeer } from '../../src/policy/protect-peer.ts'
import { cbc, chacha, ecp256, esn, gcm, modp2048, noEsn, nullCipher, prf256, sha256, x25519 } from './offers.ts'

const choice = (type: number, id: number, keyLength?: number): TransformChoice => ({ type, id, keyLength })

/** From the rows themselves, without the code that is tested: no minus, no footnote of an exception, nothing deprecated, no NULL. */
function unfitForDefault(template: ProposalTemplate, use: AlgorithmUse): readonly string[] {
  const { ENCR, ESN } = transformType
  const fit = (t: TransformChoice): boolean =>
    algorithmRequirements.some(
      (row) =>
        row.use === use &&
        row.type === t.type &&
        row.id === t.id &&
        (row.keyLengths === undefined || (t.keyLength !== undefined && row.keyLengths.includes(t.keyLength))) &&
        row.exception === undefined &&
        ['MUST', 'SHOULD+', 'SHOULD'].includes(row.level),
    ) &&
    !deprecatedAlgorithms.some(({ type, id }) => type === t.type && id === t.id) &&
    !(t.type === ENCR && [encryption.ENCR_NULL, encryption.ENCR_NULL_AUTH_AES_GMAC].some((id) => id === t.id))
  // Sequence numbers are no algorithm: a proposal for ESP names one kind or both (RFC 7296 §3.3.2).
  return template.transforms.filter((t) => t.type !== ESN && !fit(t)).map(formatTransform)
}

function template(words: string, protocolId: number): ProposalTemplate {
  const parsed = parseProposal(words, protocolId)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return parsed.value
}

describe('what is proposed and accepted unasked', () => {
  const { connections } = protectPeer({ us: 'a.example', peer: 'b.example' })
  const ofPeer = connections[0]

  test.each<[string, readonly ProposalTemplate[], AlgorithmUse]>([
    ['for IKE', defaultIkeProposals, 'IKE'],
    ['for ESP', defaultEspProposals, 'ESP'],
    ['for IKE by protectPeer', ofPeer.proposals, 'IKE'],
    ['for ESP by protectPeer', ofPeer.children.flatMap(({ proposals }) => proposals), 'ESP'],
  ])('%s is MUST or SHOULD, on its way nowhere, and encrypts', (_, templates, use) => {
    expect(templates.length).toBeGreaterThan(0)
    expect(templates.flatMap((each) => unfitForDefault(each, use))).toEqual([])
  })

  test('would be found out otherwise', () => {
    const ike = template('aes128-aes192-aes128ctr-sha256-sha1-sha384-aesxcbc-prfsha256-prfsha1-ecp256-x25519-modp3072-modp1536', 1)
    expect(unfitForDefault(ike, 'IKE')).toEqual('aes192 aes128ctr prfsha1 sha1 sha384 aesxcbc x25519 modp3072 modp1536'.split(' '))
    expect(unfitForDefault(template('aes256gcm16-aes128ccm8-aes128gmac-aes256gcm8', 3), 'ESP')).toEqual([
      'aes128ccm8',
      'aes128gmac',
      'aes256gcm8',
    ])
    expect(unfitForDefault(template('null-sha256', 3), 'ESP')).toEqual(['null'])
  })

  test('is what mayBeDefault says, of all that there are words for', () => {
    const fits = (use: AlgorithmUse): string[] =>
      algorithmWords.filter(({ choice: each }) => each.type !== 5 && mayBeDefault(use, each)).map(({ words }) => words[0])
    const named = (templates: readonly ProposalTemplate[]): string[] =>
      templates.flatMap(({ transforms }) => transforms.filter(({ type }) => type !== 5).map(formatTransform))
    expect(new Set(named(defaultIkeProposals))).toEqual(new Set(fits('IKE')))
    // A group in ESP is for who wants it: a Child SA of IKE_AUTH has none (RFC 7296 §1.2).
    expect(new Set(named(defaultEspProposals))).toEqual(new Set(fits('ESP').filter((word) => !/^(ecp|modp)/.test(word))))
  })
})

test.each<[AlgorithmUse, TransformChoice, string, string, string]>([
  ['IKE', cbc(128), 'good', 'is MUST', 'RFC 8247 §2.1'],
  ['IKE', cbc(192), 'unusual', 'is no more than MAY', 'RFC 8247 §2.1'],
  ['IKE', gcm(256), 'good', 'is SHOULD', 'RFC 8247 §2.1'],
  ['ESP', gcm(256), 'good', 'is MUST', 'RFC 8221 §5'],
  ['ESP', chacha, 'good', 'is SHOULD', 'RFC 8221 §5'],
  ['ESP', nullCipher, 'unusual', 'is MUST, but does not encrypt', 'RFC 8221 §5'],
  ['ESP', choice(1, 21, 128), 'unusual', 'does not encrypt', 'RFC 8221 §6'],
  ['IKE', nullCipher, 'forbidden', 'is MUST NOT', 'RFC 8247 §2.1'],
  ['IKE', choice(1, 3), 'unusual', 'is no more than MAY', 'RFC 8247 §2.1'],
  ['ESP', choice(1, 3), 'weak', 'is SHOULD NOT', 'RFC 8221 §5'],
  ['ESP', choice(1, 7, 128), 'forbidden', 'is MUST NOT', 'RFC 8221 §5'],
  ['IKE', choice(1, 7, 128), 'weak', 'is DEPRECATED', 'RFC 9395 §7'],
  ['ESP', choice(1, 6, 128), 'weak', 'is DEPRECATED', 'RFC 9395 §7'],
  ['ESP', choice(1, 14, 128), 'unusual', 'is SHOULD for the Internet of Things only', 'RFC 8221 §5'],
  ['ESP', choice(1, 23, 128), 'unusual', 'is not rated', 'RFC 9395 §1'],
  ['IKE', prf256, 'good', 'is MUST', 'RFC 8247 §2.2'],
  ['IKE', choice(2, 7), 'good', 'is SHOULD+', 'RFC 8247 §2.2'],
  ['IKE', choice(2, 2), 'weak', 'is MUST-', 'RFC 8247 §2.2'],
  ['IKE', choice(2, 3), 'weak', 'is DEPRECATED', 'RFC 9395 §7'],
  ['AH', sha256, 'good', 'is MUST', 'RFC 8221 §6'],
  ['AH', choice(3, 9), 'unusual', 'is no more than MAY', 'RFC 8221 §6'],
  ['ESP', choice(3, 9), 'forbidden', 'is MUST NOT', 'RFC 4543 §5.3'],
  ['AH', choice(3, 5), 'unusual', 'is SHOULD for the Internet of Things only, MAY for others', 'RFC 8221 §6'],
  ['ESP', choice(3, 6), 'weak', 'is DEPRECATED', 'RFC 9395 §7'],
  ['IKE', modp2048, 'good', 'is MUST', 'RFC 8247 §2.4'],
  ['ESP', ecp256, 'good', 'is SHOULD', 'RFC 8247 §2.4'],
  ['IKE', x25519, 'unusual', 'is not rated', 'RFC 8247 §1.3'],
  ['IKE', choice(4, 24), 'weak', 'is SHOULD NOT', 'RFC 8247 §2.4'],
  ['IKE', choice(4, 22), 'forbidden', 'is MUST NOT', 'RFC 8247 §2.4'],
  ['IKE', choice(6, 36), 'unusual', 'is not rated', 'RFC 8247 §1.3'],
  ['ESP', esn, 'good', '', 'RFC 4303 §2.2.1'],
  ['AH', noEsn, 'good', '', 'RFC 9395 §1'],
])('%s %o is %s: %s (%s)', (use, algorithm, verdict, why, rfc) => {
  const rating = rateAlgorithm(use, algorithm)
  expect(rating).toMatchObject({ verdict, rfc })
  expect(rating.why).toContain(why)
})
