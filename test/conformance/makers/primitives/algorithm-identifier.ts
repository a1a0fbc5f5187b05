// Encodings that RFC 4055 §3.1 and §5 ask for beside those of RFC 7427 appendix A, and such that are none.
import { after, type MadeCase, printedCase } from './case.ts'

/** In a certificate that `openssl req -x509 -sigopt rsa_padding_mode:pss` makes. */
const openssl = 'OpenSSL 3.0.19'
const twin = 'twin written from RFC 5280 §4.1.1.2'

export function algorithmIdentifierCases(): readonly MadeCase[] {
  return [...pss(), ...withoutParameters(), ...refusals(), ...authenticationData()]
}

/** RFC 4055 §3.1: who signs MUST omit the trailerField. */
function pss(): readonly MadeCase[] {
  return (['256', '384', '512'] as const).flatMap((bits, i) => {
    const hash = `300d060960864801650304020${i + 1}0500`
    const der = `304106092a864886f70d01010a3034a00f${hash}a11c301a06092a864886f70d010108${hash}a2030201${(Number(bits) / 8).toString(16)}`
    const name = `RSASSA-PSS with sha-${bits}, without trailerField`
    const source = after('RFC 4055', '3.1', twin, openssl)
    const id = `rfc4055-pss-sha-${bits}`
    return [
      {
        id: `${id}-encode`,
        title: 'As who signs writes it',
        source,
        result: 'valid',
        inputs: { operation: 'encode', name },
        expected: { der },
      },
      {
        id: `${id}-decode`,
        title: 'As who signs writes it',
        source,
        result: 'valid',
        inputs: { operation: 'decode', der },
        expected: { name },
      },
    ]
  })
}

const title = 'RFC 4055 §5: implementations MUST accept the parameters being absent as well as present'

function withoutParameters(): readonly MadeCase[] {
  return (['256', '384', '512'] as const).map((bits, i) => ({
    id: `rfc4055-sha${bits}-without-parameters`,
    title,
    source: after('RFC 4055', '5', twin),
    result: 'valid',
    inputs: { operation: 'decode', der: `300b06092a864886f70d01010${(0xb + i).toString(16)}` },
    expected: { name: `sha${bits}WithRSAEncryption, without parameters` },
  }))
}

function refusals(): readonly MadeCase[] {
  const { der = '' } = printedCase('rfc7427-algorithm-identifiers.json', 'rfc7427-ecdsa-with-sha256-decode').inputs
  const make = (name: string, what: string, octets: string): MadeCase => ({
    id: `rfc7427-${name}`,
    title: what,
    source: after('RFC 7427', '3', twin),
    result: 'invalid',
    inputs: { operation: 'decode', der: octets },
    expected: { layer: 'wire', field: 'der' },
  })
  return [
    make('truncated', 'The last octet is not there', der.slice(0, -2)),
    make('trailing', 'An octet behind it', `${der}00`),
    make('empty', 'No octets at all', ''),
    make('not-a-sequence', 'A SET, not a SEQUENCE', `31${der.slice(2)}`),
  ]
}

function authenticationData(): readonly MadeCase[] {
  const { der = '' } = printedCase('rfc7427-algorithm-identifiers.json', 'rfc7427-ecdsa-with-sha256-decode').inputs
  const source = after('RFC 7427', '3', 'twin written from RFC 7427 §3')
  const data = `0c${der}abcdef`
  const name = 'ecdsa-with-sha256'
  const signature = 'abcdef'
  const wrong = (id: string, what: string, authenticationData: string): MadeCase => ({
    id: `rfc7427-split-${id}`,
    title: what,
    source,
    result: 'invalid',
    inputs: { operation: 'split', authenticationData },
    expected: { layer: 'wire', field: 'authenticationData' },
  })
  return [
    {
      id: 'rfc7427-join',
      title: 'Length, object, signature',
      source,
      result: 'valid',
      inputs: { operation: 'join', name, signature },
      expected: { authenticationData: data },
    },
    {
      id: 'rfc7427-split',
      title: 'Length, object, signature',
      source,
      result: 'valid',
      inputs: { operation: 'split', authenticationData: data },
      expected: { name, signature },
    },
    wrong('early-end', 'The data end before the object does', data.slice(0, 20)),
    wrong('length-short', 'The length is one less than that of the object', `0b${data.slice(2)}`),
    wrong('length-long', 'The length is one more than that of the object', `0d${data.slice(2)}`),
    wrong('length-zero', 'The length is 0', `00${data.slice(2)}`),
    wrong('no-length', 'The object stands where its length has to', data.slice(2)),
    wrong('empty', 'No octets at all', ''),
  ]
}
