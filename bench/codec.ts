// How many IKE messages the codec decodes, encodes and annotates in a second: an IKE_SA_INIT request such as strongSwan's or ours.
import type { IkeSpi } from '../src/contract/units.ts'
import { exchange } from '../src/iana/exchanges.ts'
import { notify as notification } from '../src/iana/notify.ts'
import { protocol } from '../src/iana/protocols.ts'
import { transformAttribute } from '../src/iana/transform-attributes.ts'
import { encryption, integrity, keyExchange, prf, transformType } from '../src/iana/transforms.ts'
import { annotateIke } from '../src/inspect/annotate.ts'
import { decodeMessage, encodeMessage } from '../src/wire/codec.ts'
import { headerFlag } from '../src/wire/flags.ts'
import type { Message, NotifyPayload, Transform } from '../src/wire/message.ts'
import { systemRandom, the } from './fixtures.ts'
import { type Effort, median, race, timed } from './measure.ts'
import type { Figure } from './report.ts'

export function benchCodec(effort: Effort): readonly Figure[] {
  const octets = encodeMessage(request)
  const decoded = decodeMessage(octets)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const count = 100
  const [decoding = [], encoding = [], annotating = []] = race(
    effort,
    [{ count, burst: () => timed(count, () => decodeMessage(octets)) }],
    [{ count, burst: () => timed(count, () => encodeMessage(decoded.value)) }],
    [{ count, burst: () => timed(count, () => annotateIke(octets)) }],
  )
  const figure = (name: string, nanoseconds: readonly number[]): Figure => ({
    name: `${name} IKE_SA_INIT of ${octets.length} octets`,
    value: 1e9 / median(nanoseconds),
    unit: 'messages/s',
  })
  return [figure('decode', decoding), figure('encode', encoding), figure('annotate', annotating)]
}

const spi = (text: string): IkeSpi => the(text, (value): value is IkeSpi => value.length === 16)
const transform = (type: number, id: number, keyLength?: number): Transform => ({
  type,
  id,
  attributes: keyLength === undefined ? [] : [{ type: transformAttribute.KEY_LENGTH, value: keyLength }],
})
const notify = (type: number, value: Uint8Array): NotifyPayload => ({
  kind: 'N',
  critical: false,
  protocol: 0,
  spi: new Uint8Array(0),
  type,
  value,
})

const { ENCR, PRF, INTEG, KE } = transformType
export const request: Message = {
  header: {
    initiatorSpi: spi('0123456789abcdef'),
    responderSpi: spi('0000000000000000'),
    majorVersion: 2,
    minorVersion: 0,
    exchangeType: exchange.IKE_SA_INIT,
    flags: headerFlag.INITIATOR,
    messageId: 0,
  },
  payloads: [
    {
      kind: 'SA',
      critical: false,
      proposals: [
        {
          number: 1,
          protocol: protocol.IKE,
          spi: new Uint8Array(0),
          transforms: [
            transform(ENCR, encryption.ENCR_AES_CBC, 128),
            transform(ENCR, encryption.ENCR_AES_CBC, 256),
            transform(INTEG, integrity.AUTH_HMAC_SHA2_256_128),
            transform(INTEG, integrity.AUTH_HMAC_SHA2_512_256),
            transform(PRF, prf.PRF_HMAC_SHA2_256),
            transform(PRF, prf.PRF_HMAC_SHA2_512),
            transform(KE, keyExchange.CURVE25519),
            transform(KE, keyExchange.ECP_256),
            transform(KE, keyExchange.MODP_2048),
          ],
        },
        {
          number: 2,
          protocol: protocol.IKE,
          spi: new Uint8Array(0),
          transforms: [
            transform(ENCR, encryption.ENCR_AES_GCM_16, 128),
            transform(ENCR, encryption.ENCR_AES_GCM_16, 256),
            transform(ENCR, encryption.ENCR_CHACHA20_POLY1305),
            transform(PRF, prf.PRF_HMAC_SHA2_256),
            transform(PRF, prf.PRF_HMAC_SHA2_512),
            transform(KE, keyExchange.CURVE25519),
            transform(KE, keyExchange.ECP_256),
            transform(KE, keyExchange.MODP_2048),
          ],
        },
      ],
    },
    { kind: 'KE', critical: false, method: keyExchange.CURVE25519, publicValue: systemRandom(32) },
    { kind: 'NONCE', critical: false, nonce: systemRandom(32) },
    notify(notification.NAT_DETECTION_SOURCE_IP, systemRandom(20)),
    notify(notification.NAT_DETECTION_DESTINATION_IP, systemRandom(20)),
  ],
}
