// Offers for ESP and AH, against what is configured. RFC 7296 §2.7, §3.3.3, §3.3.5, §3.3.6; RFC 5282 §8; RFC 8221 §6.
import { type MadeCase } from './files.ts'
import {
  cbc128,
  cbc256,
  chacha,
  esn,
  gcm128,
  gcm256,
  gmac128,
  noEsn,
  noGroup,
  noIntegrity,
  noKeyLength,
  nullCipher,
  numbered,
  offer,
  type Offer,
  sha1,
  sha256,
  sha512,
  template,
  type Template,
  type Transform,
  x25519,
} from './transforms.ts'
import { choose, type ChoiceOptions } from './proposal-case.ts'

const gcmEsp = template('ESP', gcm128, noEsn)
const cbcEsp = template('ESP', cbc128, sha256, noEsn)

export function espChoices(): readonly MadeCase[] {
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

export function ahChoices(): readonly MadeCase[] {
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
export function strangeChoices(): readonly MadeCase[] {
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
