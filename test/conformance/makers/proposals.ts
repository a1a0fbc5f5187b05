// Proposals, offered and configured, and answers to them. RFC 7296 §2.7, §3.3; RFC 5282 §8; RFC 8221 §6.
import { proposalChoice } from '../../../src/conformance/kinds/proposal-choice.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import type { JsonObject } from '../../../src/inspect/describe.ts'
import { stream, type Stream } from '../../../src/lab/random.ts'
import { expectedOf, type MadeCase, type MadeFile } from './files.ts'
import {
  cbc,
  cbc128,
  cbc256,
  chacha,
  ecp256,
  esn,
  gcm,
  gcm128,
  gcm256,
  gmac128,
  modp2048,
  noEsn,
  noGroup,
  noIntegrity,
  noKeyLength,
  nullCipher,
  numbered,
  offer,
  type Offer,
  prf256,
  prf512,
  type Protocol,
  sha1,
  sha256,
  sha512,
  template,
  type Template,
  type Transform,
  x25519,
} from './transforms.ts'

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

const provider = nodeProvider()
const source = (section: string) => ({
  made: 'RFC 7296',
  section,
  confirmedBy: ['twin written from RFC 7296 §2.7 and §3.3, RFC 5282 §8 and RFC 8221 §6'],
})

interface ChoiceOptions {
  readonly keyExchange?: string
  /** What those choose who take longer keys. */
  readonly longerKey?: JsonObject
  /** `yes`: nothing is left to choose, though it is not seen by looking at words. */
  readonly only?: 'yes'
  readonly section?: string
}

function choose(
  name: string,
  title: string | undefined,
  protocol: Protocol,
  offered: readonly Offer[],
  configured: readonly Template[],
  options: ChoiceOptions = {},
): MadeCase {
  const id = `proposals-${name}`
  const { keyExchange, longerKey, section = '2.7' } = options
  const inputs: JsonObject = { operation: 'choose', protocol, offered, configured, ...(keyExchange === undefined ? {} : { keyExchange }) }
  const common = { id, ...(title === undefined ? {} : { title }), source: source(section) }
  if (longerKey !== undefined) return { ...common, result: 'acceptable', flags: ['LongerKey'], inputs, expected: longerKey }
  const answer = proposalChoice.answer(provider, inputs)
  if (answer.kind === 'invalid') return { ...common, result: 'invalid', inputs, expected: expectedOf(id, 'invalid', answer) }
  const expected = expectedOf(id, 'valid', answer)
  return options.only === 'yes' || isOnlyChoice(inputs, offered, configured, expected)
    ? { ...common, result: 'valid', inputs, expected }
    : { ...common, result: 'acceptable', flags: ['OurChoice'], inputs, expected }
}

/** Without any one of what makes up the choice nothing is left to choose; nor is there a longer key on offer. */
function isOnlyChoice(inputs: JsonObject, offered: readonly Offer[], configured: readonly Template[], expected: JsonObject): boolean {
  const key = (transform: unknown): string => JSON.stringify(transform)
  const list = expected['transforms']
  const chosen: ReadonlySet<string> = new Set(Array.isArray(list) ? list.map(key) : [])
  const asked = (some: readonly Offer[]): boolean =>
    some.length > 0 && proposalChoice.answer(provider, { ...inputs, offered: some }).kind === 'outputs'
  const number = expected['number']
  if (asked(offered.filter((each) => each.number !== number))) return false
  const mine = offered.filter((each) => each.number === number)
  const without = [...chosen].some((word) =>
    asked(
      mine
        .map((each) => ({ ...each, transforms: each.transforms.filter((t) => key(t) !== word) }))
        .filter((each) => hasAllTypes(each, mine)),
    ),
  )
  return !without && !hasLongerKey(mine, configured, key)
}

/** A type that is left out altogether is another offer. */
const hasAllTypes = (left: Offer, from: readonly Offer[]): boolean => {
  const typesOf = (each: Offer): ReadonlySet<string> => new Set(each.transforms.map((t) => Object.keys(t)[0] ?? ''))
  return from.some((each) => typesOf(each).size === typesOf(left).size)
}

function hasLongerKey(offered: readonly Offer[], configured: readonly Template[], key: (transform: unknown) => string): boolean {
  const ours = configured.flatMap(({ transforms }) => transforms)
  const known = new Set(ours.map(key))
  return offered
    .flatMap(({ transforms }) => transforms)
    .some(
      (t) =>
        !known.has(key(t)) &&
        ours.some(
          (mine) =>
            mine['encryption'] === t['encryption'] &&
            Number(mine['keyLength'] ?? 0) < Number(t['keyLength'] ?? 0) &&
            mine['keyLength'] !== undefined,
        ),
    )
}

// ---- ESP -----------------------------------------------------------------------------------------------------------

const gcmEsp = template('ESP', gcm128, noEsn)
const cbcEsp = template('ESP', cbc128, sha256, noEsn)

function espChoices(): readonly MadeCase[] {
  const esp = (
    name: string,
    title: string,
    offered: readonly Offer[],
    configured: readonly Template[],
    options: ChoiceOptions = {},
  ): MadeCase => choose(`esp-${name}`, title, 'ESP', offered, configured, options)
  const one = (...transforms: readonly Transform[]): readonly Offer[] => [offer(1, 'ESP', ...transforms)]
  return [
    esp('aead', 'A combined mode', one(gcm128, noEsn), [gcmEsp]),
    esp('aead-none', 'A combined mode with NONE spelled out', one(gcm128, noIntegrity, noEsn), [gcmEsp], { section: '3.3.3' }),
    esp('aead-integrity', 'A combined mode with an integrity algorithm', one(gcm128, sha256, noEsn), [gcmEsp], { section: '3.3' }),
    esp(
      'aead-integrity-or-none',
      'A combined mode with an integrity algorithm or NONE',
      one(gcm128, sha256, noIntegrity, noEsn),
      [gcmEsp],
      { section: '3.3' },
    ),
    esp('cbc', 'A cipher with an integrity algorithm', one(cbc128, sha256, noEsn), [cbcEsp]),
    esp('cbc-alone', 'A cipher without an integrity algorithm', one(cbc128, noEsn), [cbcEsp], { section: '3.3.3' }),
    esp('cbc-none', 'A cipher with NONE', one(cbc128, noIntegrity, noEsn), [cbcEsp], { section: '3.3.3' }),
    esp('cbc-none-or-mac', 'A cipher with NONE or an integrity algorithm', one(cbc128, noIntegrity, sha256, noEsn), [cbcEsp], {
      section: '3.3.3',
    }),
    esp('mixed', 'Both kinds of cipher in one proposal, only the combined mode configured', one(gcm128, cbc128, sha256, noEsn), [gcmEsp], {
      section: '3.3',
    }),
    esp('mixed-cbc', 'Both kinds of cipher in one proposal, only the other configured', one(gcm128, cbc128, sha256, noEsn), [cbcEsp], {
      section: '3.3',
    }),
    esp('mixed-none', 'Both kinds of cipher, an integrity algorithm or NONE', one(gcm128, cbc128, sha256, noIntegrity, noEsn), [gcmEsp], {
      section: '3.3',
    }),
    esp(
      'two-proposals',
      'Two proposals, of which the second is ours',
      [offer(1, 'ESP', gcm256, noEsn), offer(2, 'ESP', cbc128, sha256, noEsn)],
      [cbcEsp],
    ),
    esp(
      'two-first',
      'Two proposals, of which the first is ours',
      [offer(1, 'ESP', gcm128, noEsn), offer(2, 'ESP', cbc256, sha512, noEsn)],
      [gcmEsp],
    ),
    esp(
      'numbers',
      'Numbers of proposals that do not begin with 1',
      [offer(7, 'ESP', chacha, noEsn), offer(9, 'ESP', gcm128, noEsn)],
      [gcmEsp],
      { section: '3.3.1' },
    ),
    esp('other-cipher', 'Another cipher', one(chacha, noEsn), [gcmEsp]),
    esp('other-mac', 'Another integrity algorithm', one(cbc128, sha512, noEsn), [cbcEsp]),
    esp('shorter-key', 'A shorter key', one(gcm128, noEsn), [template('ESP', gcm256, noEsn)], { section: '3.3.5' }),
    esp('longer-key', 'A longer key', one(gcm256, noEsn), [gcmEsp], {
      section: '3.3.5',
      longerKey: { number: 1, transforms: [gcm256, noEsn] },
    }),
    esp('both-keys', 'Two lengths of key, the configured one second', one(gcm256, gcm128, noEsn), [gcmEsp], { section: '3.3.5' }),
    esp('no-key-length', 'AES without a key length', one(noKeyLength(cbc128), sha256, noEsn), [cbcEsp], { section: '3.3.5' }),
    esp('no-key-length-beside', 'AES without a key length beside AES with one', one(noKeyLength(cbc128), cbc128, sha256, noEsn), [cbcEsp], {
      section: '3.3.5',
    }),
    esp('chacha', 'A cipher with one length of key', one(chacha, noEsn), [template('ESP', chacha, noEsn)], { section: '3.3.5' }),
    esp(
      'chacha-key-length',
      'A key length where there is only one',
      one({ ...chacha, keyLength: 256 }, noEsn),
      [template('ESP', chacha, noEsn)],
      { section: '3.3.5' },
    ),
    esp('esn', 'ESN', one(gcm128, esn), [template('ESP', gcm128, esn)], { section: '3.3.2' }),
    esp('esn-or-not', 'ESN or not, only one is configured', one(gcm128, noEsn, esn), [template('ESP', gcm128, esn)], { section: '3.3.2' }),
    esp('esn-both', 'ESN or not, both are configured', one(gcm128, noEsn, esn), [template('ESP', gcm128, esn, noEsn)], {
      section: '3.3.2',
    }),
    esp('esn-differs', 'ESN where it is not configured', one(gcm128, esn), [gcmEsp], { section: '3.3.2' }),
    esp('esn-missing', 'No word of ESN, which is mandatory', one(gcm128), [gcmEsp], { section: '3.3.6' }),
    esp('cipher-missing', 'No cipher', one(sha256, noEsn), [cbcEsp], { section: '3.3.6' }),
    esp('empty', 'A proposal of nothing', one(), [gcmEsp], { section: '3.3.6' }),
    esp('group', 'A group for forward secrecy', one(gcm128, x25519, noEsn), [template('ESP', gcm128, x25519, noEsn)], { section: '3.3.3' }),
    esp('group-not-configured', 'A group, and none configured', one(gcm128, x25519, noEsn), [gcmEsp], { section: '3.3.3' }),
    esp('group-missing', 'No group, and one configured', one(gcm128, noEsn), [template('ESP', gcm128, x25519, noEsn)], {
      section: '3.3.3',
    }),
    esp('group-none', 'Group NONE, and none configured', one(gcm128, noGroup, noEsn), [gcmEsp], { section: '3.3.3' }),
    esp('group-or-none', 'A group or NONE, and none configured', one(gcm128, x25519, noGroup, noEsn), [gcmEsp], { section: '3.3.3' }),
    esp(
      'group-optional',
      'A group or NONE on both sides',
      one(gcm128, x25519, noGroup, noEsn),
      [template('ESP', gcm128, x25519, noGroup, noEsn)],
      { section: '3.3.3' },
    ),
    esp('null', 'NULL with an integrity algorithm', one(nullCipher, sha256, noEsn), [template('ESP', nullCipher, sha256, noEsn)]),
    esp('null-alone', 'NULL without an integrity algorithm', one(nullCipher, noEsn), [template('ESP', nullCipher, sha256, noEsn)]),
    esp('null-unnamed', 'NULL where it is not configured', one(nullCipher, sha256, noEsn), [cbcEsp]),
    esp('gmac', 'GMAC', one(gmac128, noEsn), [template('ESP', gmac128, noEsn)]),
    esp('gmac-for-gcm', 'GMAC is not GCM', one(gmac128, noEsn), [gcmEsp]),
    esp('wrong-protocol', 'A proposal for AH', [offer(1, 'AH', sha256, noEsn)], [cbcEsp], { section: '2.7' }),
    esp(
      'protocol-beside',
      'A proposal for AH beside one for ESP',
      [offer(1, 'AH', sha256, noEsn), offer(2, 'ESP', cbc128, sha256, noEsn)],
      [cbcEsp],
    ),
    esp('configured-for-ah', 'Only AH is configured beside ESP', one(cbc128, sha256, noEsn), [template('AH', sha256, noEsn), cbcEsp]),
    esp(
      'two-differ-apart',
      'Each proposal lacks something else',
      [offer(1, 'ESP', gcm256, esn), offer(2, 'ESP', cbc128, sha1, noEsn)],
      [gcmEsp, cbcEsp],
    ),
    esp(
      'no-mixing',
      'Transforms of two proposals are not combined',
      [offer(1, 'ESP', cbc256, sha1, noEsn), offer(2, 'ESP', cbc128, sha256, noEsn)],
      [template('ESP', cbc256, sha256, noEsn)],
    ),
    esp('our-cipher-first', 'Our order of ciphers goes before that of the offer', one(gcm128, gcm256, noEsn), [
      template('ESP', gcm256, gcm128, noEsn),
    ]),
    esp('our-mac-first', 'Our order of integrity algorithms', one(cbc128, sha256, sha512, noEsn), [
      template('ESP', cbc128, sha512, sha256, noEsn),
    ]),
    esp(
      'our-proposal-first',
      'Our order of proposals',
      [offer(1, 'ESP', gcm128, noEsn), offer(2, 'ESP', cbc128, sha256, noEsn)],
      [cbcEsp, gcmEsp],
    ),
    esp(
      'classic-first',
      'One proposal of ours with both kinds of cipher',
      [offer(1, 'ESP', gcm128, noEsn), offer(2, 'ESP', cbc128, sha256, noEsn)],
      [template('ESP', cbc128, gcm128, sha256, noEsn)],
    ),
    esp('same-twice', 'The same proposal twice: the first', [offer(1, 'ESP', gcm128, noEsn), offer(2, 'ESP', gcm128, noEsn)], [gcmEsp]),
  ]
}

// ---- IKE -----------------------------------------------------------------------------------------------------------

const ikeGcm = template('IKE', gcm128, prf256, x25519)
const ikeCbc = template('IKE', cbc128, sha256, prf256, ecp256)

function ikeChoices(): readonly MadeCase[] {
  const ike = (
    name: string,
    title: string,
    transforms: readonly Transform[],
    configured: readonly Template[],
    options: ChoiceOptions = {},
  ): MadeCase => choose(`ike-${name}`, title, 'IKE', [offer(1, 'IKE', ...transforms)], configured, options)
  return [
    ike('aead', 'A combined mode', [gcm128, prf256, x25519], [ikeGcm]),
    ike('aead-none', 'A combined mode with NONE spelled out', [gcm128, prf256, noIntegrity, x25519], [ikeGcm]),
    ike('aead-integrity', 'A combined mode with an integrity algorithm', [gcm128, prf256, sha256, x25519], [ikeGcm], { section: '3.3' }),
    ike('cbc', 'A cipher with an integrity algorithm', [cbc128, prf256, sha256, ecp256], [ikeCbc]),
    ike('cbc-alone', 'A cipher without an integrity algorithm', [cbc128, prf256, ecp256], [ikeCbc], { section: '3.3.3' }),
    ike('prf-missing', 'No PRF', [gcm128, x25519], [ikeGcm], { section: '3.3.6' }),
    ike('group-missing', 'No group', [gcm128, prf256], [ikeGcm], { section: '3.3.6' }),
    ike('group-none', 'Group NONE', [gcm128, prf256, noGroup], [ikeGcm], { section: '3.3.3' }),
    ike('other-prf', 'Another PRF', [gcm128, prf512, x25519], [ikeGcm]),
    ike('other-group', 'Another group', [gcm128, prf256, modp2048], [ikeGcm]),
    ike('second-group', 'Our group is the second of the offer', [gcm128, prf256, modp2048, x25519], [ikeGcm], { keyExchange: 'MODP_2048' }),
    ike(
      'group-of-payload',
      'The group of the KE payload, where both are ours',
      [gcm128, prf256, x25519, ecp256],
      [template('IKE', gcm128, prf256, x25519, ecp256)],
      { keyExchange: 'ECP_256', section: '1.2' },
    ),
    ike(
      'cipher-before-group',
      'Our order of ciphers goes before the group of the KE payload',
      [gcm128, gcm256, prf256, x25519, ecp256],
      [template('IKE', gcm256, gcm128, prf256, x25519, ecp256)],
      { keyExchange: 'ECP_256' },
    ),
    ike('esn', 'Sequence numbers, which IKE does not have', [gcm128, prf256, x25519, noEsn], [ikeGcm], { section: '3.3.3' }),
    ike(
      'default-offer',
      'An offer of many against one',
      [cbc256, cbc128, gcm256, prf512, prf256, sha512, sha256, x25519, ecp256, modp2048],
      [ikeCbc],
    ),
    choose(
      'ike-two',
      'Two proposals, one for each kind of cipher',
      'IKE',
      [offer(1, 'IKE', gcm256, gcm128, prf256, x25519), offer(2, 'IKE', cbc128, prf256, sha256, ecp256)],
      [ikeCbc],
    ),
    choose(
      'ike-group-decides',
      'Two proposals with different groups: that of the KE payload',
      'IKE',
      [offer(1, 'IKE', gcm128, prf256, ecp256), offer(2, 'IKE', gcm128, prf256, x25519)],
      [template('IKE', gcm128, prf256, ecp256, x25519)],
      { keyExchange: 'CURVE25519', section: '1.2' },
    ),
    choose('ike-for-esp', 'A proposal for ESP', 'IKE', [offer(1, 'ESP', gcm128, noEsn)], [ikeGcm]),
  ]
}

function ahChoices(): readonly MadeCase[] {
  const ours = template('AH', sha256, noEsn)
  const ah = (name: string, title: string, transforms: readonly Transform[]): MadeCase =>
    choose(`ah-${name}`, title, 'AH', [offer(1, 'AH', ...transforms)], [ours], { section: '3.3.3' })
  return [
    ah('integrity', 'An integrity algorithm', [sha256, noEsn]),
    ah('second', 'The second integrity algorithm is ours', [sha512, sha256, noEsn]),
    ah('none', 'NONE, where there must be one', [noIntegrity, noEsn]),
    ah('missing', 'No integrity algorithm', [noEsn]),
    ah('cipher', 'A cipher, which AH does not have', [cbc128, sha256, noEsn]),
    ah('esn', 'ESN where it is not configured', [sha256, esn]),
  ]
}

/** RFC 7296 §3.3.6: what is not understood. */
function strangeChoices(): readonly MadeCase[] {
  const strange = (
    name: string,
    title: string,
    offered: readonly Offer[],
    configured: readonly Template[] = [gcmEsp],
    only: { readonly only?: 'yes' } = {},
  ): MadeCase => choose(`strange-${name}`, title, 'ESP', offered, configured, { section: '3.3.6', ...only })
  const one = (...transforms: readonly Transform[]): readonly Offer[] => [offer(1, 'ESP', ...transforms)]
  const keyLength = (value: number) => ({ type: 14, value })
  return [
    strange('transform', 'A transform that nobody knows, beside one of its type', one(numbered(1, 1025), gcm128, noEsn)),
    strange('transform-alone', 'A transform that nobody knows, alone of its type', one(numbered(1, 1025), noEsn)),
    strange('type', 'A transform type that nobody knows', one(gcm128, noEsn, numbered(100, 1))),
    strange('private-type', 'A transform type for private use', one(gcm128, noEsn, numbered(241, 1))),
    strange('type-beside', 'Such a proposal, and another one', [
      offer(1, 'ESP', gcm128, noEsn, numbered(100, 1)),
      offer(2, 'ESP', gcm128, noEsn),
    ]),
    strange('additional-exchange', 'An additional key exchange (RFC 9370)', one(gcm128, noEsn, numbered(6, 35))),
    strange('attribute', 'An attribute that nobody knows', one(numbered(1, 20, { type: 77, value: 1 }), noEsn)),
    strange('attribute-beside', 'Such a transform, and one without', one(numbered(1, 20, { type: 77, value: 1 }), gcm128, noEsn)),
    strange(
      'attribute-more',
      'A key length, and an attribute that nobody knows',
      one(numbered(1, 20, keyLength(128), { type: 77, value: 1 }), noEsn),
    ),
    strange('key-length-twice', 'A key length twice', one(numbered(1, 20, keyLength(128), keyLength(128)), noEsn)),
    strange('key-length-of-mac', 'A key length beside an integrity algorithm', one(cbc128, numbered(3, 12, keyLength(256)), noEsn), [
      cbcEsp,
    ]),
    strange('key-length-of-esn', 'A key length beside NO_ESN', one(gcm128, numbered(5, 0, keyLength(1))), [gcmEsp]),
    strange('by-number', 'Known transforms, written as numbers', one(numbered(1, 20, keyLength(128)), numbered(5, 0)), [gcmEsp], {
      only: 'yes',
    }),
    strange('key-length-zero', 'A key length of 0', one(numbered(1, 20, keyLength(0)), noEsn)),
    strange('esn-two', 'A third kind of sequence numbers', one(gcm128, numbered(5, 2))),
  ]
}

// ---- answers -------------------------------------------------------------------------------------------------------

function checks(): readonly MadeCase[] {
  const check = (name: string, title: string, offered: readonly Offer[], answered: readonly Offer[]): MadeCase => {
    const id = `proposals-check-${name}`
    const inputs: JsonObject = { operation: 'check', offered, answered }
    const answer = proposalChoice.answer(provider, inputs)
    const result = answer.kind === 'invalid' ? 'invalid' : 'valid'
    return { id, title, source: source('3.3.6'), result, inputs, expected: expectedOf(id, result, answer) }
  }
  const many = [offer(1, 'ESP', gcm256, gcm128, noEsn, esn), offer(2, 'ESP', cbc256, cbc128, sha256, sha512, noEsn)]
  const esp = (name: string, title: string, ...answered: readonly Offer[]): MadeCase => check(`esp-${name}`, title, many, answered)
  const ikeOffer = [offer(1, 'IKE', gcm128, prf256, x25519, ecp256)]
  const ike = (name: string, title: string, ...transforms: readonly Transform[]): MadeCase =>
    check(`ike-${name}`, title, ikeOffer, [offer(1, 'IKE', ...transforms)])
  return [
    esp('first', 'A suite of the first proposal', offer(1, 'ESP', gcm256, noEsn)),
    esp('second', 'A suite of the second proposal', offer(2, 'ESP', cbc128, sha512, noEsn)),
    esp('order', 'Transforms in another order', offer(2, 'ESP', noEsn, sha256, cbc256)),
    esp('nothing', 'No proposal'),
    esp('two', 'Two proposals', offer(1, 'ESP', gcm256, noEsn), offer(2, 'ESP', cbc128, sha256, noEsn)),
    esp('number', 'A number that was not offered', offer(3, 'ESP', gcm256, noEsn)),
    esp('other-number', 'The number of the other proposal', offer(2, 'ESP', gcm256, noEsn)),
    esp('protocol', 'Another protocol', offer(1, 'AH', sha256, noEsn)),
    esp('two-ciphers', 'Two ciphers', offer(1, 'ESP', gcm256, gcm128, noEsn)),
    esp('two-esn', 'With and without ESN', offer(1, 'ESP', gcm256, noEsn, esn)),
    esp('no-cipher', 'No cipher', offer(1, 'ESP', noEsn)),
    esp('no-esn', 'No word of ESN', offer(1, 'ESP', gcm256)),
    esp('no-mac', 'No integrity algorithm, where two were offered', offer(2, 'ESP', cbc256, noEsn)),
    esp('none-mac', 'NONE, where integrity algorithms were offered', offer(2, 'ESP', cbc256, noIntegrity, noEsn)),
    esp('none-beside-aead', 'NONE beside a combined mode, where nothing was said of it', offer(1, 'ESP', gcm256, noIntegrity, noEsn)),
    esp('mac-beside-aead', 'An integrity algorithm beside a combined mode', offer(1, 'ESP', gcm256, sha256, noEsn)),
    esp('key-length', 'A key length that was not offered', offer(1, 'ESP', { ...gcm128, keyLength: 192 }, noEsn)),
    esp('no-key-length', 'The key length left out', offer(1, 'ESP', noKeyLength(gcm128), noEsn)),
    esp(
      'attribute',
      'The key length and another attribute',
      offer(1, 'ESP', numbered(1, 20, { type: 14, value: 128 }, { type: 77, value: 1 }), noEsn),
    ),
    esp('cipher', 'A cipher that was not offered', offer(1, 'ESP', chacha, noEsn)),
    esp('esn-not-offered', 'ESN, which that proposal did not offer', offer(2, 'ESP', cbc256, sha256, esn)),
    esp('group', 'A group, where none was offered', offer(1, 'ESP', gcm256, x25519, noEsn)),
    esp('group-none', 'Group NONE, where none was offered', offer(1, 'ESP', gcm256, noGroup, noEsn)),
    esp('type', 'A transform type that was not offered', offer(1, 'ESP', gcm256, noEsn, numbered(100, 1))),
    check(
      'esp-none-dropped',
      'NONE was offered, and left out of the answer',
      [offer(1, 'ESP', gcm128, noIntegrity, noEsn)],
      [offer(1, 'ESP', gcm128, noEsn)],
    ),
    check(
      'esp-group-dropped',
      'A group was offered, and left out of the answer',
      [offer(1, 'ESP', gcm128, x25519, noEsn)],
      [offer(1, 'ESP', gcm128, noEsn)],
    ),
    check(
      'esp-group-or-none-dropped',
      'A group or NONE was offered, and left out',
      [offer(1, 'ESP', gcm128, x25519, noGroup, noEsn)],
      [offer(1, 'ESP', gcm128, noEsn)],
    ),
    ike('whole', 'A whole suite', gcm128, prf256, ecp256),
    ike('no-prf', 'No PRF', gcm128, x25519),
    ike('no-group', 'No group', gcm128, prf256),
    ike('none-group', 'Group NONE', gcm128, prf256, noGroup),
    ike('two-groups', 'Two groups', gcm128, prf256, x25519, ecp256),
    ike('group', 'A group that was not offered', gcm128, prf256, modp2048),
    ike('prf', 'A PRF that was not offered', gcm128, prf512, x25519),
  ]
}

// ---- from seeds ----------------------------------------------------------------------------------------------------

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
