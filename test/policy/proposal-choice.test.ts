import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ProposalRefusal } from '../../src/contract/refusal.ts'
import type { ProposalTemplate, TransformChoice } from '../../src/contract/transforms.ts'
import {
  checkAnswer,
  childSuite,
  chooseChildProposal,
  chooseProposal,
  type ChosenProposal,
  firstKeyExchange,
  ikeSuite,
  soleProposal,
  toChildProposals,
  toWireProposals,
  withoutKeyExchange,
} from '../../src/policy/proposal-choice.ts'
import type { Proposal } from '../../src/wire/message.ts'
import {
  ah,
  cbc,
  chacha,
  ecp256,
  esn,
  esp,
  gcm,
  ike,
  modp2048,
  noEsn,
  noIntegrity,
  noKeyExchange,
  nullCipher,
  offer,
  prf256,
  prf384,
  sha256,
  sha512,
  wire,
  x25519,
} from './offers.ts'

const none = new Uint8Array(0)
const spi = Uint8Array.of(0xca, 0xfe, 0xf0, 0x0d)

function chosenFrom(offered: readonly Proposal[], configured: readonly ProposalTemplate[], group?: number): ChosenProposal {
  const result = chooseProposal(offered, configured, configured[0]?.protocol ?? 0, group)
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.fault)}`)
  return result.value
}

function refusalOf(offered: readonly Proposal[], configured: readonly ProposalTemplate[]): ProposalRefusal {
  const result = chooseProposal(offered, configured, configured[0]?.protocol ?? 0)
  if (result.ok) throw new Error('chosen')
  return result.fault
}

const verdicts = (refusal: ProposalRefusal, at = 0): string[] =>
  refusal.comparisons[at]?.verdicts.map(({ transformType, verdict }) => `${transformType} ${verdict}`) ?? []

describe('the responder chooses', () => {
  test('one transform of each type, and answers with just these (RFC 7296 §2.7)', () => {
    const offered = [offer(ike(cbc(256), cbc(128), prf256, sha512, sha256, ecp256, modp2048))]
    const choice = chosenFrom(offered, [ike(cbc(128), prf256, sha256, modp2048)])
    expect(choice.transforms).toEqual([cbc(128), prf256, sha256, modp2048])
    expect(choice.reply).toEqual(offer(ike(cbc(128), prf256, sha256, modp2048)))
    expect(ikeSuite(choice)).toEqual({ encryption: cbc(128), prf: prf256, integrity: sha256, keyExchange: modp2048 })
  })

  test('in our order, and answers with the number of the proposal chosen (RFC 7296 §3.3.1)', () => {
    const offered = [offer(ike(cbc(128), prf256, sha256, x25519), 1), offer(ike(gcm(256), prf256, x25519), 2)]
    const choice = chosenFrom(offered, [ike(gcm(256), prf256, x25519), ike(cbc(128), prf256, sha256, x25519)])
    expect(choice.number).toBe(2)
    expect(choice.reply.number).toBe(2)
  })

  test('in our order of ciphers within a template that mixes both kinds', () => {
    const offered = [offer(ike(gcm(128), prf256, x25519), 1), offer(ike(cbc(256), prf256, sha256, x25519), 2)]
    const choice = chosenFrom(offered, [ike(cbc(256), gcm(128), prf256, sha256, x25519)])
    expect(choice.transforms).toEqual([cbc(256), prf256, sha256, x25519])
  })

  test('in the order of the peer where we have no preference (RFC 7296 §3.3)', () => {
    const offered = [offer(ike(chacha, prf256, ecp256), 1), offer(ike(chacha, prf256, x25519), 2)]
    const configured = [ike(chacha, prf256, x25519, ecp256)]
    expect(chosenFrom(offered, configured).number).toBe(1)
    // Unless its KE payload goes with another.
    expect(chosenFrom(offered, configured, x25519.id).number).toBe(2)
  })

  test('the group of the KE payload that came, when it is as good as another of the template (RFC 7296 §1.2)', () => {
    const offered = [offer(ike(gcm(128), prf256, x25519, ecp256))]
    const configured = [ike(gcm(128), prf256, x25519, ecp256)]
    expect(ikeSuite(chosenFrom(offered, configured)).keyExchange).toEqual(x25519)
    expect(ikeSuite(chosenFrom(offered, configured, ecp256.id)).keyExchange).toEqual(ecp256)
    expect(ikeSuite(chosenFrom(offered, configured, modp2048.id)).keyExchange).toEqual(x25519)
  })

  test('no group because of its KE payload when another template comes first', () => {
    const offered = [offer(ike(gcm(128), prf256, x25519, ecp256))]
    expect(ikeSuite(chosenFrom(offered, [ike(gcm(128), prf256, x25519), ike(gcm(128), prf256, ecp256)], ecp256.id)).keyExchange).toEqual(
      x25519,
    )
  })

  test('a combined-mode cipher without integrity, or with NONE (RFC 5282 §8, RFC 7296 §3.3)', () => {
    const configured = [ike(gcm(256), prf384, x25519)]
    expect(ikeSuite(chosenFrom([offer(ike(gcm(256), prf384, x25519))], configured)).integrity).toBeUndefined()
    const withNone = chosenFrom([offer(ike(gcm(256), prf384, noIntegrity, x25519))], configured)
    expect(withNone.transforms).toEqual([gcm(256), prf384, x25519])
    // RFC 7296 §2.7: exactly one transform of each type included in the proposal, so NONE is said again.
    expect(withNone.reply.transforms).toContainEqual(wire(noIntegrity))
  })

  test('ESP, with the peer’s SPI and extended sequence numbers', () => {
    const choice = chosenFrom([offer(esp(gcm(128), esn, noEsn), 1, spi)], [esp(gcm(128), noEsn, esn)])
    expect(choice.spi).toEqual(spi)
    expect(choice.reply.spi).toEqual(none)
    expect(childSuite(choice)).toEqual({ protocol: 3, encryption: gcm(128), integrity: undefined, extendedSequence: 'no-esn' })
  })

  test('AH, which has no cipher (RFC 7296 §3.3.3)', () => {
    const choice = chosenFrom([offer(ah(sha256, noEsn), 1, spi)], [ah(sha256, esn, noEsn)])
    expect(childSuite(choice)).toEqual({ protocol: 2, encryption: undefined, integrity: sha256, extendedSequence: 'no-esn' })
  })

  test('NONE where the peer offers a group for ESP or none, and we want none', () => {
    const choice = chosenFrom([offer(esp(gcm(128), x25519, noKeyExchange, noEsn))], [esp(gcm(128), noEsn)])
    expect(choice.transforms).toEqual([gcm(128), noEsn])
    expect(choice.reply.transforms).toContainEqual(wire(noKeyExchange))
  })
})

describe('the responder refuses', () => {
  test('what has nothing in common, and says type by type where', () => {
    const refusal = refusalOf([offer(ike(cbc(256), prf256, sha512, x25519, ecp256))], [ike(cbc(128), prf256, sha256, ecp256)])
    expect(verdicts(refusal)).toEqual(['1 differ', '2 agree', '3 differ', '4 agree'])
    expect(refusal.comparisons[0]?.verdicts[0]).toEqual({
      transformType: 1,
      verdict: 'differ',
      offered: [cbc(256)],
      configured: [cbc(128)],
    })
  })

  test('each proposal against each template, and against both halves of one', () => {
    const refusal = refusalOf(
      [offer(ike(chacha, prf256, x25519), 1), offer(ike(chacha, prf384, x25519), 2)],
      [ike(gcm(128), cbc(128), prf256, sha256, x25519), ike(gcm(256), prf256, x25519)],
    )
    expect(refusal.comparisons.map((c) => [c.offeredNumber, c.configured.transforms[0]])).toEqual([
      [1, gcm(128)],
      [2, gcm(128)],
      [1, cbc(128)],
      [2, cbc(128)],
      [1, gcm(256)],
      [2, gcm(256)],
    ])
  })

  test('a proposal with a transform type that it does not understand, but not the others (RFC 7296 §3.3.6)', () => {
    const strange = offer(ike(gcm(128), prf256, x25519, { type: 6, id: 35, keyLength: undefined }), 1)
    const configured = [ike(gcm(128), prf256, x25519)]
    expect(verdicts(refusalOf([strange], configured))).toEqual(['1 agree', '2 agree', '4 agree', '6 not-configured'])
    expect(chosenFrom([strange, offer(ike(gcm(128), prf256, x25519), 2)], configured).number).toBe(2)
  })

  test('a transform with an attribute that it does not understand, but not others of its type (RFC 7296 §3.3.6)', () => {
    const good = offer(ike(gcm(256), gcm(128), prf256, x25519))
    const [first, ...others] = good.transforms
    if (first === undefined) throw new Error('no transform')
    const extended = { ...first, attributes: [...first.attributes, { type: 77, value: 1 }] }
    const configured = [ike(gcm(256), gcm(128), prf256, x25519)]
    expect(ikeSuite(chosenFrom([{ ...good, transforms: [extended, ...others] }], configured)).encryption).toEqual(gcm(128))
    expect(verdicts(refusalOf([{ ...good, transforms: [extended, ...others.slice(1)] }], configured))[0]).toBe('1 differ')
  })

  test('what is mandatory and missing on both sides (RFC 7296 §3.3.3)', () => {
    const incomplete = [
      ike(gcm(128), prf256),
      ike(gcm(128), prf256, noKeyExchange),
      ike(gcm(128), x25519),
      esp(gcm(128)),
      esp(noEsn),
      ah(noEsn),
      ah(noIntegrity, noEsn),
      ah(sha256),
    ]
    for (const template of incomplete) expect(chooseProposal([offer(template)], [template], template.protocol).ok).toBe(false)
  })

  test('a key length under another name, in the long form, or twice (RFC 7296 §3.3.2, §3.3.5)', () => {
    const configured = [esp(gcm(128), noEsn)]
    const length = { type: 14, value: 128 }
    for (const attributes of [[{ type: 77, value: 128 }], [{ type: 14, value: Uint8Array.of(0, 128) }], [length, length]]) {
      const offered = { ...offer(esp(noEsn)), transforms: [{ type: 1, id: 20, attributes }, wire(noEsn)] }
      expect(verdicts(refusalOf([offered], configured))).toEqual(['1 differ', '5 agree'])
    }
  })

  test('AES without a key length, which MUST be rejected (RFC 7296 §3.3.5)', () => {
    const offered = offer(esp({ type: 1, id: 12, keyLength: undefined }, sha256, noEsn))
    expect(verdicts(refusalOf([offered], [esp(cbc(128), sha256, noEsn)]))).toEqual(['1 differ', '3 agree', '5 agree'])
  })

  test('ESP without the mandatory sequence number type (RFC 7296 §3.3.3)', () => {
    expect(verdicts(refusalOf([offer(esp(gcm(128)))], [esp(gcm(128), noEsn)]))).toEqual(['1 agree', '5 not-offered'])
  })

  test('ESNs only, when we do not do ESNs (RFC 7296 §3.3.2)', () => {
    expect(verdicts(refusalOf([offer(esp(gcm(128), esn))], [esp(gcm(128), noEsn)]))).toEqual(['1 agree', '5 differ'])
  })

  test('a combined-mode cipher with an integrity algorithm beside it (RFC 5282 §8)', () => {
    const refusal = refusalOf([offer(ike(gcm(128), prf256, sha256, x25519))], [ike(gcm(128), prf256, x25519)])
    expect(verdicts(refusal)).toEqual(['1 agree', '2 agree', '3 not-configured', '4 agree'])
  })

  test('a cipher without integrity, whatever is configured (RFC 8221 §6)', () => {
    for (const cipher of [cbc(128), nullCipher]) {
      const naked = esp(cipher, noIntegrity, noEsn)
      expect(chooseProposal([offer(naked)], [naked], 3).ok).toBe(false)
      expect(chooseProposal([offer(esp(cipher, noEsn))], [esp(cipher, noEsn)], 3).ok).toBe(false)
      expect(verdicts(refusalOf([offer(naked)], [esp(cipher, sha256, noEsn)]))).toEqual(['1 agree', '3 differ', '5 agree'])
    }
  })

  test('an IKE proposal with the group NONE', () => {
    const groupless = ike(gcm(128), prf256, noKeyExchange)
    expect(chooseProposal([offer(groupless)], [ike(gcm(128), prf256, x25519)], 1).ok).toBe(false)
    expect(verdicts(refusalOf([offer(ike(gcm(128), prf256))], [ike(gcm(128), prf256, x25519)]))).toContain('4 not-offered')
  })

  test('a group that is offered where the exchange has none, as IKE_AUTH (RFC 7296 §1.2)', () => {
    const configured = withoutKeyExchange([esp(gcm(128), x25519, noEsn)])
    expect(verdicts(refusalOf([offer(esp(gcm(128), x25519, noEsn))], configured))).toContain('4 not-configured')
  })

  test('another protocol, without comparing transforms', () => {
    expect(refusalOf([offer(ah(sha256, noEsn))], [esp(nullCipher, sha256, noEsn)]).comparisons[0]?.verdicts).toEqual([])
  })

  test('an empty offer', () => {
    expect(refusalOf([], [ike(gcm(128), prf256, x25519)])).toEqual({ kind: 'proposal', protocol: 1, comparisons: [] })
  })
})

describe('ESP and AH beside each other', () => {
  const espTemplate = esp(gcm(128), noEsn)
  const ahTemplate = ah(sha256, noEsn)

  test('are numbered together, in their order, with one SPI (RFC 7296 §3.3, §3.3.1)', () => {
    const offered = toChildProposals([ahTemplate, esp(gcm(128), cbc(128), sha256, noEsn)], spi)
    expect(offered).toEqual([offer(ahTemplate, 1, spi), offer(esp(gcm(128), noEsn), 2, spi), offer(esp(cbc(128), sha256, noEsn), 3, spi)])
    expect(toChildProposals([ike(gcm(128), prf256, x25519)], spi)).toEqual([])
  })

  test('are chosen from in the order of who chooses (RFC 7296 §2.7)', () => {
    const offered = toChildProposals([espTemplate, ahTemplate], spi)
    const chosenBy = (configured: readonly ProposalTemplate[]) => {
      const chosen = chooseChildProposal(offered, configured)
      return chosen.ok ? childSuite(chosen.value).protocol : chosen.fault
    }
    expect([chosenBy([espTemplate, ahTemplate]), chosenBy([ahTemplate, espTemplate]), chosenBy([ahTemplate])]).toEqual([3, 2, 2])
  })

  test('are not compared with each other, unless there is nothing else to tell', () => {
    const refusal = (configured: readonly ProposalTemplate[]) => {
      const chosen = chooseChildProposal(toChildProposals([ah(sha512, noEsn)], spi), configured)
      return chosen.ok ? undefined : chosen.fault
    }
    expect(refusal([espTemplate, ahTemplate])).toMatchObject({
      comparisons: [{ offered: { protocol: 2 }, configured: { protocol: 2 }, verdicts: [{ verdict: 'differ' }, { verdict: 'agree' }] }],
    })
    expect(refusal([espTemplate])).toMatchObject({
      protocol: 3,
      comparisons: [{ offered: { protocol: 2 }, configured: { protocol: 3 }, verdicts: [] }],
    })
  })

  test('an answer for AH to a proposal for ESP is none (RFC 7296 §2.7)', () => {
    const answer = { ...offer(ahTemplate, 1, spi) }
    expect(checkAnswer(answer, toChildProposals([espTemplate, ahTemplate], spi))).toMatchObject({ ok: false })
    expect(checkAnswer({ ...answer, number: 2 }, toChildProposals([espTemplate, ahTemplate], spi))).toMatchObject({ ok: true })
  })
})

describe('the initiator offers', () => {
  test('combined-mode and other ciphers in proposals of their own, numbered from 1 (RFC 7296 §3.3)', () => {
    const offered = toWireProposals([ike(cbc(128), gcm(256), chacha, prf256, sha256, x25519)], 1, none)
    expect(offered).toEqual([offer(ike(cbc(128), prf256, sha256, x25519), 1), offer(ike(gcm(256), chacha, prf256, x25519), 2)])
  })

  test('its SPI in each of them, and only proposals for the protocol', () => {
    const offered = toWireProposals([ike(gcm(128), prf256, x25519), esp(gcm(128), noEsn), esp(cbc(128), sha256, esn)], 3, spi)
    expect(offered).toEqual([offer(esp(gcm(128), noEsn), 1, spi), offer(esp(cbc(128), sha256, esn), 2, spi)])
  })

  test('the public value of the group that it likes best (RFC 7296 §3.3.6)', () => {
    expect(firstKeyExchange([ike(gcm(128), prf256, ecp256, x25519)])).toBe(19)
    expect(firstKeyExchange([esp(gcm(128), noKeyExchange, noEsn)])).toBeUndefined()
  })
})

describe('the initiator checks the answer (RFC 7296 §3.3.6)', () => {
  const offered = [offer(ike(cbc(128), cbc(256), prf256, sha256, x25519), 1), offer(ike(gcm(128), prf256, x25519), 2)]
  const messageFor = (answer: Proposal): string => {
    const result = checkAnswer(answer, offered)
    return result.ok ? 'accepted' : result.fault.message
  }

  test('and takes a subset of one proposal', () => {
    const result = checkAnswer(offer(ike(cbc(256), prf256, sha256, x25519), 1), offered)
    expect(result.ok && result.value.transforms).toEqual([cbc(256), prf256, sha256, x25519])
  })

  test('and takes NONE for a type that was left out', () => {
    expect(messageFor(offer(ike(gcm(128), prf256, noIntegrity, x25519), 2))).toBe('accepted')
  })

  test.each([
    ['a number that was not offered', offer(ike(gcm(128), prf256, x25519), 3), 'proposal 3, which was not offered'],
    ['another protocol', { ...offer(esp(gcm(128), noEsn)), number: 2 }, 'protocol 3'],
    ['two transforms of one type', offer(ike(cbc(128), cbc(256), prf256, sha256, x25519), 1), '2 transforms of type 1'],
    ['a type less', offer(ike(cbc(128), prf256, sha256), 1), 'no transform of type 4'],
    ['integrity left out', offer(ike(cbc(128), prf256, x25519), 1), 'no transform of type 3'],
    ['a type more', offer(ike(gcm(128), prf256, sha256, x25519), 2), 'transform 12 of type 3'],
    ['another key length', offer(ike(gcm(256), prf256, x25519), 2), 'transform 20 with a key of 256 bits'],
    ['an algorithm of another proposal', offer(ike(gcm(128), prf256, sha256, x25519), 1), 'transform 20'],
    [
      'attributes that were changed',
      { ...offer(ike(prf256, x25519), 2), transforms: [wire(gcm(128), { type: 77, value: 1 }), wire(prf256), wire(x25519)] },
      'changed the attributes of transform 20',
    ],
  ])('and refuses %s', (_, answer, message) => {
    expect(messageFor(answer)).toContain(message)
  })

  test('and refuses more or fewer than one proposal (RFC 7296 §2.7)', () => {
    expect(soleProposal(offered).ok).toBe(false)
    expect(soleProposal([]).ok).toBe(false)
    expect(soleProposal(offered.slice(1))).toEqual({ ok: true, value: offered[1] })
  })
})

describe('whatever both sides are configured with', () => {
  const some = (...choices: TransformChoice[]): fc.Arbitrary<TransformChoice[]> => fc.shuffledSubarray(choices, { minLength: 1 })
  const templates = fc.array(
    fc
      .tuple(
        some(gcm(128), gcm(256), chacha, cbc(128), cbc(256)),
        some(prf256, prf384),
        some(sha256, sha512),
        some(x25519, ecp256, modp2048),
      )
      .map((types) => ike(...types.flat())),
    { minLength: 1, maxLength: 3 },
  )

  test('the initiator accepts what the responder chooses, and both have the same suite', () => {
    fc.assert(
      fc.property(templates, templates, fc.constantFrom(undefined, 31, 19), (ours, theirs, group) => {
        const offered = toWireProposals(ours, 1, none)
        const choice = chooseProposal(offered, theirs, 1, group)
        if (!choice.ok) {
          expect(choice.fault.comparisons.every((c) => c.verdicts.some((v) => v.verdict !== 'agree'))).toBe(true)
          return
        }
        const checked = checkAnswer(choice.value.reply, offered)
        expect(checked.ok && ikeSuite(checked.value)).toEqual(ikeSuite(choice.value))
      }),
      { seed: 7296, numRuns: 300 },
    )
  })

  test('a combined-mode cipher never comes with integrity, another never without', () => {
    fc.assert(
      fc.property(templates, templates, (ours, theirs) => {
        const choice = chooseProposal(
          ours.map((t, i) => offer(t, i + 1)),
          theirs,
          1,
        )
        if (!choice.ok) return
        const { encryption, integrity } = ikeSuite(choice.value)
        expect(integrity === undefined).toBe(encryption.id !== 12)
      }),
      { seed: 5282, numRuns: 300 },
    )
  })
})
