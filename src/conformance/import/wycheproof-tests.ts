// One mapper for each type of test that Wycheproof has and IKE or ESP has use for.
import type { VectorCase } from '../vector.ts'
import { type ImportedCase, gives, mustFail } from './imported.ts'

/** Fields by name. */
export interface Values {
  text(name: string): string
  octets(name: string): string
  number(name: string): number
}
type Group = Values
type Test = Values

/** Cases, or the name of what is outside of the catalogue. */
export type Mapped = readonly ImportedCase[] | string
type Mapper = (algorithm: string, group: Group, test: Test) => Mapped

const resultOf = (test: Test): VectorCase['result'] => {
  const text = test.text('result')
  return text === 'valid' || text === 'acceptable' ? text : 'invalid'
}

// ---- AEADs and MACs --------------------------------------------------------------------------------------------------------

/** The octets of the salt and of the IV are the nonce of IKE and ESP: RFC 4106 §4, RFC 4309 §4, RFC 7634 §2. */
const aeads: Readonly<
  Record<string, { readonly saltDigits: number; readonly nonceBits: number; readonly name: (icv: number) => string | undefined }>
> = {
  'AES-GCM': { saltDigits: 8, nonceBits: 96, name: (icv) => ([8, 12, 16].includes(icv) ? `ENCR_AES_GCM_${icv}` : undefined) },
  'AES-CCM': { saltDigits: 6, nonceBits: 88, name: (icv) => ([8, 12, 16].includes(icv) ? `ENCR_AES_CCM_${icv}` : undefined) },
  'CHACHA20-POLY1305': { saltDigits: 8, nonceBits: 96, name: (icv) => (icv === 16 ? 'ENCR_CHACHA20_POLY1305' : undefined) },
}

function aead(algorithm: string, group: Group, test: Test): Mapped {
  const known = aeads[algorithm]
  if (known === undefined) return algorithm
  if (group.number('ivSize') !== known.nonceBits) return `${algorithm} with a nonce of ${group.number('ivSize')} bits`
  const name = known.name(group.number('tagSize') / 8)
  if (name === undefined) return `${algorithm} with an ICV of ${group.number('tagSize')} bits`
  const nonce = test.octets('iv')
  const common = {
    algorithm: name,
    ...(algorithm === 'CHACHA20-POLY1305' ? {} : { keyLength: group.number('keySize') }),
    key: test.octets('key') + nonce.slice(0, known.saltDigits),
    iv: nonce.slice(known.saltDigits),
    aad: test.octets('aad'),
  }
  const [plaintext, sealed] = [test.octets('msg'), test.octets('ct') + test.octets('tag')]
  const opens = { operation: 'open', ...common, sealed }
  const result = resultOf(test)
  if (result === 'invalid') return [{ kind: 'aead', result, inputs: opens, expected: mustFail('integrity', 'sealed') }]
  return [
    { kind: 'aead', result, inputs: opens, expected: gives({ plaintext }) },
    { kind: 'aead', result, inputs: { operation: 'seal', ...common, plaintext }, expected: gives({ sealed }) },
  ]
}

/** By the bits of the tag: whole, as a PRF gives it, or truncated, as an ICV is. */
const macs: Readonly<Record<string, Readonly<Record<number, Readonly<Record<string, string>>>>>> = {
  HMACSHA1: { 160: { prf: 'PRF_HMAC_SHA1' }, 96: { integrity: 'AUTH_HMAC_SHA1_96' } },
  HMACSHA256: { 256: { prf: 'PRF_HMAC_SHA2_256' }, 128: { integrity: 'AUTH_HMAC_SHA2_256_128' } },
  HMACSHA384: { 384: { prf: 'PRF_HMAC_SHA2_384' }, 192: { integrity: 'AUTH_HMAC_SHA2_384_192' } },
  HMACSHA512: { 512: { prf: 'PRF_HMAC_SHA2_512' }, 256: { integrity: 'AUTH_HMAC_SHA2_512_256' } },
  'AES-CMAC': { 128: { prf: 'PRF_AES128_CMAC' } },
}

function mac(algorithm: string, group: Group, test: Test): Mapped {
  const known = macs[algorithm]?.[group.number('tagSize')]
  if (known === undefined) return macs[algorithm] === undefined ? algorithm : `${algorithm} with ${group.number('tagSize')} bits`
  // RFC 4615 §3: keys of other lengths are hashed to 128 bits first, which is not plain CMAC.
  if (algorithm === 'AES-CMAC' && group.number('keySize') !== 128) return `AES-CMAC with a key of ${group.number('keySize')} bits`
  return verified('mac', { algorithm: known, key: test.octets('key'), data: test.octets('msg'), mac: test.octets('tag') }, test, 'mac')
}

/** RFC 4543 §3.3: nonces of 96 bits, of which the first 32 are the salt at the end of the key; ICVs of 128. */
function gmac(algorithm: string, group: Group, test: Test): Mapped {
  if (algorithm !== 'AES-GMAC') return algorithm
  if (group.number('ivSize') !== 96) return `AES-GMAC with a nonce of ${group.number('ivSize')} bits`
  if (group.number('tagSize') !== 128) return `AES-GMAC with an ICV of ${group.number('tagSize')} bits`
  const nonce = test.octets('iv')
  const inputs = {
    integrity: `AUTH_AES_${group.number('keySize')}_GMAC`,
    key: test.octets('key') + nonce.slice(0, 8),
    iv: nonce.slice(8),
    data: test.octets('msg'),
    icv: test.octets('tag'),
  }
  return verified('packet-mac', inputs, test, 'icv')
}

function verified(kind: string, inputs: ImportedCase['inputs'], test: Test, field: string): readonly ImportedCase[] {
  const result = resultOf(test)
  const expected = result === 'invalid' ? mustFail('integrity', field) : gives({})
  return [{ kind, result, inputs: { operation: 'verify', ...inputs }, expected }]
}

// ---- key agreement ---------------------------------------------------------------------------------------------------------

/** `spki`: the head of a SubjectPublicKeyInfo with this curve by name and an uncompressed point, up to its x. */
const curves: Readonly<Record<string, { readonly algorithm: string; readonly octets: number; readonly spki: string }>> = {
  secp256r1: { algorithm: 'ECP_256', octets: 32, spki: '3059301306072a8648ce3d020106082a8648ce3d03010703420004' },
  secp384r1: { algorithm: 'ECP_384', octets: 48, spki: '3076301006072a8648ce3d020106052b8104002203620004' },
  secp521r1: { algorithm: 'ECP_521', octets: 66, spki: '30819b301006072a8648ce3d020106052b810400230381860004' },
  brainpoolP256r1: { algorithm: 'BRAINPOOL_P256R1', octets: 32, spki: '305a301406072a8648ce3d020106092b240303020801010703420004' },
  brainpoolP384r1: { algorithm: 'BRAINPOOL_P384R1', octets: 48, spki: '307a301406072a8648ce3d020106092b240303020801010b03620004' },
  brainpoolP512r1: { algorithm: 'BRAINPOOL_P512R1', octets: 64, spki: '30819b301406072a8648ce3d020106092b240303020801010d0381820004' },
}

/** IKE sends x | y only (RFC 5903 §7, RFC 6954 §2): other encodings of a key are not its matter. */
function ecdh(_: string, group: Group, test: Test): Mapped {
  const curve = curves[group.text('curve')]
  if (curve === undefined) return `ECDH on ${group.text('curve')}`
  const head = group.text('encoding') === 'asn' ? curve.spki : '04'
  const sent = test.octets('public')
  if (!sent.startsWith(head) || sent.length !== head.length + 4 * curve.octets)
    return 'ECDH with a public key in another encoding than x | y'
  // Private keys have no leading zeros there, or one that a sign bit asked for.
  const privateKey = test
    .octets('private')
    .padStart(2 * curve.octets, '0')
    .slice(-2 * curve.octets)
  return agreed(curve.algorithm, privateKey, sent.slice(head.length), test)
}

function xdh(_: string, group: Group, test: Test): Mapped {
  const algorithm = { curve25519: 'CURVE25519', curve448: 'CURVE448' }[group.text('curve')]
  if (algorithm === undefined) return `XDH on ${group.text('curve')}`
  return agreed(algorithm, test.octets('private'), test.octets('public'), test)
}

function agreed(algorithm: string, privateKey: string, publicValue: string, test: Test): readonly ImportedCase[] {
  const result = resultOf(test)
  const expected = result === 'invalid' ? mustFail('crypto', 'publicValue') : gives({ sharedSecret: test.octets('shared') })
  return [{ kind: 'key-agreement', result, inputs: { operation: 'agree', algorithm, privateKey, publicValue }, expected }]
}

// ---- ML-KEM ----------------------------------------------------------------------------------------------------------------

const parameterSet = (group: Group): string => group.text('parameterSet').replaceAll('-', '_')

function kemCase(inputs: ImportedCase['inputs'], test: Test, outputs: ImportedCase['inputs'], field: string): readonly ImportedCase[] {
  const result = resultOf(test)
  return [{ kind: 'kem', result, inputs, expected: result === 'invalid' ? mustFail('crypto', field) : gives(outputs) }]
}

function kemGenerate(_: string, group: Group, test: Test): Mapped {
  const inputs = { operation: 'generate', algorithm: parameterSet(group), seed: test.octets('seed') }
  return kemCase(inputs, test, { publicValue: test.octets('ek'), privateKey: test.octets('dk') }, 'seed')
}

function kemEncapsulate(_: string, group: Group, test: Test): Mapped {
  const inputs = { operation: 'encapsulate', algorithm: parameterSet(group), publicValue: test.octets('ek'), randomness: test.octets('m') }
  return kemCase(inputs, test, { ciphertext: test.octets('c'), sharedSecret: test.octets('K') }, 'publicValue')
}

/** Of a seed of 64 octets whatever is wrong is the ciphertext. */
function kemBySeed(_: string, group: Group, test: Test): Mapped {
  const seed = test.octets('seed')
  const inputs = { operation: 'decapsulate-by-seed', algorithm: parameterSet(group), seed, ciphertext: test.octets('c') }
  return kemCase(inputs, test, { sharedSecret: test.octets('K') }, seed.length === 128 ? 'ciphertext' : 'seed')
}

function kemDecapsulate(_: string, group: Group, test: Test): Mapped {
  const inputs = { operation: 'decapsulate', algorithm: parameterSet(group), privateKey: test.octets('dk'), ciphertext: test.octets('c') }
  const field = /ciphertext/i.test(test.text('comment')) ? 'ciphertext' : 'privateKey'
  return kemCase(inputs, test, { sharedSecret: test.octets('K') }, field)
}

// ---- signatures ------------------------------------------------------------------------------------------------------------

/** RFC 4754 §3: each curve with its hash. */
const ecdsa: Readonly<Record<string, string>> = {
  'secp256r1 SHA-256': 'ecdsa-p256-sha256',
  'secp384r1 SHA-384': 'ecdsa-p384-sha384',
  'secp521r1 SHA-512': 'ecdsa-p521-sha512',
}

const ecdsaIn =
  (encoding: 'fixed' | 'der'): Mapper =>
  (_, group, test) => {
    const name = `${group.text('publicKey.curve')} ${group.text('sha')}`
    const scheme = ecdsa[name]
    if (scheme === undefined) return `ECDSA with ${name}`
    return signed({ scheme, publicKey: group.octets('publicKey.uncompressed'), encoding }, test)
  }

const eddsa: Readonly<Record<string, string>> = { edwards25519: 'ed25519', edwards448: 'ed448' }

function eddsaVerify(_: string, group: Group, test: Test): Mapped {
  const scheme = eddsa[group.text('publicKey.curve')]
  return scheme === undefined
    ? `EdDSA on ${group.text('publicKey.curve')}`
    : signed({ scheme, publicKey: group.octets('publicKey.pk') }, test)
}

const hashes: Readonly<Record<string, { readonly word: string; readonly octets: number }>> = {
  'SHA-1': { word: 'sha1', octets: 20 },
  'SHA-256': { word: 'sha256', octets: 32 },
  'SHA-384': { word: 'sha384', octets: 48 },
  'SHA-512': { word: 'sha512', octets: 64 },
}

function rsaPkcs1(_: string, group: Group, test: Test): Mapped {
  const hash = hashes[group.text('sha')]
  if (hash === undefined) return `RSASSA-PKCS1-v1_5 with ${group.text('sha')}`
  return signed({ scheme: `rsa-pkcs1-${hash.word}`, publicKey: group.octets('publicKeyAsn') }, test)
}

/** RFC 7427 §A.4.3: MGF1 with the same hash, a salt as long as it. */
function rsaPss(_: string, group: Group, test: Test): Mapped {
  const [sha, mgfSha, salt] = [group.text('sha'), group.text('mgfSha'), group.number('sLen')]
  const hash = hashes[sha]
  if (hash === undefined || sha === 'SHA-1' || mgfSha !== sha || salt !== hash.octets)
    return `RSASSA-PSS with ${sha}, MGF1 with ${mgfSha} and ${salt} octets of salt`
  return signed({ scheme: `rsa-pss-${hash.word}`, publicKey: group.octets('publicKeyAsn') }, test)
}

function signed(inputs: ImportedCase['inputs'], test: Test): readonly ImportedCase[] {
  return verified('signature', { ...inputs, message: test.octets('msg'), signature: test.octets('sig') }, test, 'signature')
}

export const mappers: Readonly<Record<string, Mapper>> = {
  AeadTest: aead,
  MacTest: mac,
  MacWithIvTest: gmac,
  EcdhTest: ecdh,
  EcdhEcpointTest: ecdh,
  XdhComp: xdh,
  MLKEMKeyGen: kemGenerate,
  MLKEMEncapsTest: kemEncapsulate,
  MLKEMTest: kemBySeed,
  MLKEMDecapsValidationTest: kemDecapsulate,
  EcdsaVerify: ecdsaIn('der'),
  EcdsaP1363Verify: ecdsaIn('fixed'),
  EddsaVerify: eddsaVerify,
  RsassaPkcs1Verify: rsaPkcs1,
  RsassaPssVerify: rsaPss,
  RsassaPssWithParametersVerify: rsaPss,
}
