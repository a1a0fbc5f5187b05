// Keys, AUTH and an Encrypted payload that others have published, asked as vectors are: Android's IKE library and strongSwan. RFC 7296 §2.13 to §2.17, §3.14.
import { describe, expect, test } from 'vitest'
import { kindOf } from '../../src/conformance/kinds/table.ts'
import type { Answer } from '../../src/conformance/vector.ts'
import type { JsonObject } from '../../src/inspect/describe.ts'
import { present, providers, publicData } from '../crypto/support.ts'

const aosp = publicData('extracted-facts/aosp-ike-test-constants.json')
const strongswan = publicData('extracted-facts/strongswan-test-vectors.json')

describe.each(providers)('%s', (_, provider) => {
  const ask = (kind: string, inputs: JsonObject): Answer => present(kindOf(kind)).answer(provider, inputs)

  describe.skipIf(aosp.missing)(`a negotiation in the tests of Android's IKE library${aosp.note}`, () => {
    const { record, psk, sk } = aosp.missing ? { record: {}, psk: {}, sk: {} } : aospValues()
    const prf = 'PRF_HMAC_SHA1'
    const suite = { encryption: 'ENCR_AES_CBC', keyLength: 128, integrity: 'AUTH_HMAC_SHA1_96' }
    const of = (values: Values, name: string): string => present(values[name]).toLowerCase()
    const nonces = { nonceI: record['IKE_NONCE_INIT_HEX_STRING'] ?? '', nonceR: record['IKE_NONCE_RESP_HEX_STRING'] ?? '' }
    const lowered = { nonceI: nonces.nonceI.toLowerCase(), nonceR: nonces.nonceR.toLowerCase() }

    test('has our keys', () => {
      const spis = { spiI: of(record, 'IKE_INIT_SPI'), spiR: of(record, 'IKE_RESP_SPI') }
      const sharedSecret = of(record, 'IKE_SHARED_DH_KEY_HEX_STRING')
      expect(ask('ike-keys', { operation: 'initial', suite: { prf, ...suite }, ...lowered, ...spis, sharedSecret })).toEqual({
        kind: 'outputs',
        outputs: {
          skeyseed: of(record, 'IKE_SKEYSEED_HEX_STRING'),
          skD: of(record, 'IKE_SK_D_HEX_STRING'),
          skAi: of(record, 'IKE_SK_AUTH_INIT_HEX_STRING'),
          skAr: of(record, 'IKE_SK_AUTH_RESP_HEX_STRING'),
          skEi: of(record, 'IKE_SK_ENCR_INIT_HEX_STRING'),
          skEr: of(record, 'IKE_SK_ENCR_RESP_HEX_STRING'),
          skPi: of(record, 'IKE_SK_PRF_INIT_HEX_STRING'),
          skPr: of(record, 'IKE_SK_PRF_RESP_HEX_STRING'),
        },
      })
    })

    test('has our keys of the first Child SA', () => {
      const skD = of(record, 'IKE_SK_D_HEX_STRING')
      expect(ask('child-keys', { prf, skD, suite: { protocol: 'ESP', ...suite }, ...lowered })).toEqual({
        kind: 'outputs',
        outputs: {
          initiator: {
            encryption: of(record, 'FIRST_CHILD_ENCR_INIT_HEX_STRING'),
            integrity: of(record, 'FIRST_CHILD_AUTH_INIT_HEX_STRING'),
          },
          responder: {
            encryption: of(record, 'FIRST_CHILD_ENCR_RESP_HEX_STRING'),
            integrity: of(record, 'FIRST_CHILD_AUTH_RESP_HEX_STRING'),
          },
        },
      })
    })

    test('has our AUTH of the initiator', () => {
      const answer = ask('auth', {
        operation: 'compute',
        prf,
        role: 'initiator',
        initRequest: of(psk, 'PSK_IKE_INIT_REQUEST_HEX_STRING'),
        initResponse: '',
        nonceI: '',
        nonceR: of(psk, 'PSK_NONCE_RESP_HEX_STRING'),
        skPi: of(psk, 'PSK_SKP_HEX_STRING'),
        skPr: '',
        identification: `0000000c${of(psk, 'PSK_ID_INITIATOR_PAYLOAD_HEX_STRING')}`,
        sharedSecret: of(psk, 'PSK_HEX_STRING'),
      })
      expect(answer).toMatchObject({ outputs: { auth: of(psk, 'PSK_AUTH_PAYLOAD_SIGNATURE_HEX_STRING') } })
    })

    test('has an Encrypted payload that we open', () => {
      const [e, a] = [of(sk, 'ENCR_KEY_FROM_INIT_TO_RESP'), of(sk, 'INTE_KEY_FROM_INIT_TO_RESP')]
      const keys = { skEi: e, skEr: '00'.repeat(16), skAi: a, skAr: '00'.repeat(20) }
      expect(ask('sk-payload', { operation: 'open', suite, ...keys, message: of(sk, 'IKE_AUTH_INIT_REQUEST_HEX_STRING') })).toEqual({
        kind: 'outputs',
        outputs: { firstPayload: 35, payloads: of(sk, 'IKE_AUTH_INIT_REQUEST_DECRYPTED_BODY_HEX_STRING') },
      })
    })
  })

  describe.skipIf(strongswan.missing)(`strongSwan's test vectors${strongswan.note}`, () => {
    const lists = strongswan.missing ? {} : strongswanLists()

    test('SKEYSEED', () => {
      const vectors = present(lists['kdf_prf'])
      expect(vectors.length).toBe(6)
      for (const { prf = '', key: sharedSecret = '', salt = '', out = '' } of vectors) {
        // They have both nonces in one.
        const rest = { nonceI: salt, nonceR: '', spiI: '01'.repeat(8), spiR: '02'.repeat(8), sharedSecret }
        const suite = { prf, encryption: 'ENCR_AES_GCM_16', keyLength: 128 }
        expect(ask('ike-keys', { operation: 'initial', suite, ...rest })).toMatchObject({ outputs: { skeyseed: out } })
      }
    })

    test('prf+', () => {
      const vectors = present(lists['kdf_prf_plus'])
      expect(vectors.length).toBe(7)
      for (const { prf = '', key = '', salt: seed = '', out = '' } of vectors)
        expect(ask('prf-plus', { prf, key, seed, length: out.length / 2 })).toEqual({ kind: 'outputs', outputs: { stream: out } })
    })
  })
})

type Values = Readonly<Record<string, string>>

function aospValues(): { readonly record: Values; readonly psk: Values; readonly sk: Values } {
  const { files }: { readonly files: readonly { readonly file: string; readonly values: Values }[] } = JSON.parse(aosp.text())
  const of = (name: string): Values => present(files.find(({ file }) => file.endsWith(`/${name}.java`))).values
  return { record: of('SaRecordTest'), psk: of('IkeAuthPskPayloadTest'), sk: of('IkeSkPayloadTest') }
}

function strongswanLists(): Readonly<Record<string, readonly Values[]>> {
  const { vectors }: { readonly vectors: Readonly<Record<string, readonly Values[]>> } = JSON.parse(strongswan.text())
  return vectors
}
