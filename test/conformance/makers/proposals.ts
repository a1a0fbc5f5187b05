// Proposals, offered and configured, and answers to them. RFC 7296 §2.7, §3.3; RFC 5282 §8; RFC 8221 §6.
import { stream, type Stream } from '../../../src/lab/random.ts'
import { type MadeCase, type MadeFile } from './files.ts'
import { cbc, chacha, esn, gcm, noEsn, offer, sha1, sha256, sha512, template, type Transform } from './transforms.ts'
import { choose } from './proposal-case.ts'
import { ahChoices, espChoices, strangeChoices } from './proposal-esp.ts'
import { ikeChoices } from './proposal-ike.ts'
import { checks } from './proposal-answers.ts'

export const proposalFiles = (): readonly MadeFile[] => {
  const cases = [...espChoices(), ...ikeChoices(), ...ahChoices(), ...strangeChoices(), ...randomChoices()]
  return [
    {
      name: 'proposals/choose.json',
      title: 'Offers of which one suite, or none, can be chosen',
      kind: 'proposal-choice',
      flags: {},
      cases: cases.filter(({ result }) => result !== 'acceptable'),
    },
    {
      name: 'proposals/choose-preference.json',
      title: 'Offers of which more than one suite can be chosen: what is graded is our preference',
      kind: 'proposal-choice',
      flags: {
        OurChoice:
          'RFC 7296 §2.7 lets a responder choose any suite of the offer that its policy allows. Our rule: our proposals in their order; in each, our order of ciphers, then the group of the KE payload, then the order of the offer, then our order. An implementation with another preference is as right.',
        LongerKey:
          'RFC 7296 §3.3.5: a key longer than the configured one SHOULD be accepted; §3.3.4: what is not configured MUST be rejected. Ours refuses; an implementation that takes it must return the transform unmodified.',
      },
      cases: cases.filter(({ result }) => result === 'acceptable'),
    },
    {
      name: 'proposals/check.json',
      title: 'Answers to offers of proposals: whether they are consistent with them',
      kind: 'proposal-choice',
      flags: {},
      cases: checks(),
    },
  ]
}

function randomChoices(): readonly MadeCase[] {
  return Array.from({ length: 40 }, (_, seed) => {
    const random = stream(seed, 'proposals')
    const offered = Array.from({ length: 1 + Math.floor(random.fraction() * 3) }, (_each, i) =>
      offer(i + 1, 'ESP', ...randomTransforms(random)),
    )
    const configured = Array.from({ length: 1 + Math.floor(random.fraction() * 2) }, () => template('ESP', ...configurable(random)))
    return choose(`random-${seed}`, undefined, 'ESP', offered, configured)
  })
}

const pick = (random: Stream, among: readonly Transform[], chance: number): readonly Transform[] =>
  among.filter(() => random.chance(chance))

function randomTransforms(random: Stream): readonly Transform[] {
  const ciphers = random.chance(0.5) ? [gcm(128), gcm(192), gcm(256), chacha] : [cbc(128), cbc(192), cbc(256)]
  const macs = random.chance(0.8) && !ciphers.includes(chacha) ? pick(random, [sha1, sha256, sha512], 0.6) : []
  return [...pick(random, ciphers, 0.6), ...macs, ...pick(random, [noEsn, esn], 0.7)]
}

/** A template that protects something, as configurations are. */
function configurable(random: Stream): readonly Transform[] {
  const mixed = pick(random, [cbc(256), gcm(256), gcm(128), chacha, cbc(128)], 0.5)
  const ciphers = mixed.length === 0 ? [gcm(128)] : mixed
  const macs = pick(random, [sha512, sha256, sha1], 0.7)
  const numbers = pick(random, [esn, noEsn], 0.6)
  return [...ciphers, ...(macs.length === 0 ? [sha256] : macs), ...(numbers.length === 0 ? [noEsn] : numbers)]
}
