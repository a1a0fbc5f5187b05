// Offers for IKE, against what is configured. RFC 7296 §1.2, §2.7, §3.3.3; RFC 5282 §8.
import { type MadeCase } from './files.ts'
import {
  cbc128,
  cbc256,
  ecp256,
  gcm128,
  gcm256,
  modp2048,
  noEsn,
  noGroup,
  noIntegrity,
  offer,
  prf256,
  prf512,
  sha256,
  sha512,
  template,
  type Template,
  type Transform,
  x25519,
} from './transforms.ts'
import { choose, type ChoiceOptions } from './proposal-case.ts'

const ikeGcm = template('IKE', gcm128, prf256, x25519)
const ikeCbc = template('IKE', cbc128, sha256, prf256, ecp256)

export function ikeChoices(): readonly MadeCase[] {
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
