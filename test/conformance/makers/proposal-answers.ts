// Answers to offers of proposals. RFC 7296 §2.7, §3.3.6.
import { proposalChoice } from '../../../src/conformance/kinds/proposal-choice.ts'
import type { JsonObject } from '../../../src/inspect/describe.ts'
import { expectedOf, type MadeCase } from './files.ts'
import {
  cbc128,
  cbc256,
  chacha,
  ecp256,
  esn,
  gcm128,
  gcm256,
  modp2048,
  noEsn,
  noGroup,
  noIntegrity,
  noKeyLength,
  numbered,
  offer,
  type Offer,
  prf256,
  prf512,
  sha256,
  sha512,
  type Transform,
  x25519,
} from './transforms.ts'
import { provider, source } from './proposal-case.ts'

export function checks(): readonly MadeCase[] {
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
