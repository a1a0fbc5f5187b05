// NIST's CAVP files of algorithms that IKE and ESP use: the IKEv2 key derivation, AES-CCM, AES-CBC, CMAC, and ECDH.
import { Import, type Imported, type ImportedCase, gives, mustFail } from './imported.ts'
import { parseRsp, type RspCase } from './rsp.ts'

export interface CavpOptions {
  /**
   * HMAC with SHA-224 is no PRF of IKEv2, but a third of NIST's cases are about it. Whoever has a provider with it says under which number,
   * for private use; otherwise they are left out.
   */
  readonly prfOfSha224?: number
}

/** `name`: of the file, without its folder. */
export function readCavp(name: string, text: string, options: CavpOptions = {}): Imported {
  const into = new Import('cavp', name, 'NIST CAVP')
  const { comments, cases } = parseRsp(text)
  const head = comments.slice(0, 8).join('\n')
  const reader = readers.find(({ recognises }) => recognises.test(head))
  if (reader === undefined || cases.length === 0) {
    into.fault('', 'not a file of CAVP that is known here: IKE v2, CCM, CMAC, AES CBC, ECC CDH')
    return into.result
  }
  for (const [index, found] of cases.entries()) {
    const read = reader.read(new Fields(found), options)
    if (read.kind === 'outside') into.leaveOut(read.says)
    else if (read.kind === 'fault') into.fault(`line ${found.line}`, read.says)
    else for (const each of read.cases) into.add(index, each, undefined)
  }
  return into.result
}

type Read =
  | { readonly kind: 'cases'; readonly cases: readonly ImportedCase[] }
  | { readonly kind: 'outside'; readonly says: string }
  | { readonly kind: 'fault'; readonly says: string }

const outside = (says: string): Read => ({ kind: 'outside', says })
const cases = (...some: readonly ImportedCase[]): Read => ({ kind: 'cases', cases: some })

interface Reader {
  readonly recognises: RegExp
  readonly read: (fields: Fields, options: CavpOptions) => Read
}

/** Fields of a case and of its section, by name, however it is spelt. */
class Fields {
  readonly #values: ReadonlyMap<string, string>
  readonly section: ReadonlyMap<string, string>

  constructor({ section, fields }: RspCase) {
    this.section = section
    this.#values = new Map([...section, ...fields].map(([name, value]) => [name.toLowerCase(), value]))
  }

  /** Empty where there is none. */
  text(name: string): string {
    return this.#values.get(name.toLowerCase()) ?? ''
  }

  number(name: string): number {
    return Number(this.text(name))
  }

  /** The fields that are not octets in hexadecimal. */
  missing(...names: readonly string[]): Read | undefined {
    const bad = names.filter((name) => !/^(?:[0-9a-fA-F]{2})+$/.test(this.text(name)))
    return bad.length === 0 ? undefined : { kind: 'fault', says: `${bad.join(', ')}: no octets in hexadecimal` }
  }

  octets(name: string): string {
    return this.text(name).toLowerCase()
  }
}

// ---- IKEv2 -----------------------------------------------------------------------------------------------------------------

const prfNames: ReadonlyMap<string, { readonly name: string; readonly length: number }> = new Map([
  ['SHA-1', { name: 'PRF_HMAC_SHA1', length: 20 }],
  ['SHA-256', { name: 'PRF_HMAC_SHA2_256', length: 32 }],
  ['SHA-384', { name: 'PRF_HMAC_SHA2_384', length: 48 }],
  ['SHA-512', { name: 'PRF_HMAC_SHA2_512', length: 64 }],
])

/** SP 800-135 §4.1.2, which is RFC 7296 §2.14 to §2.18. */
function ikev2(fields: Fields, { prfOfSha224 }: CavpOptions): Read {
  const bad = fields.missing(
    'Ni',
    'Nr',
    'g^ir',
    'g^ir (new)',
    'SPIi',
    'SPIr',
    'SKEYSEED',
    'DKM',
    'DKM(Child SA)',
    'DKM(Child SA D-H)',
    'SKEYSEED(Rekey)',
  )
  if (bad !== undefined) return bad
  const hash = [...fields.section.keys()].find((key) => key.startsWith('SHA-')) ?? 'a hash without a name'
  const found = hash === 'SHA-224' && prfOfSha224 !== undefined ? { name: `PRIVATE_USE_${prfOfSha224}`, length: 28 } : prfNames.get(hash)
  if (found === undefined) return outside(`the PRF HMAC with ${hash}`)
  const common = { prf: found.name, nonceI: fields.octets('Ni'), nonceR: fields.octets('Nr') }
  const skD = fields.octets('DKM').slice(0, 2 * found.length)
  const later = fields.octets('g^ir (new)')
  const child = fields.octets('DKM(Child SA)')
  const childDh = fields.octets('DKM(Child SA D-H)')
  const ike = {
    spiI: fields.octets('SPIi'),
    spiR: fields.octets('SPIr'),
    sharedSecret: fields.octets('g^ir'),
    length: fields.octets('DKM').length / 2,
  }
  const asks = (inputs: ImportedCase['inputs'], values: ImportedCase['inputs']): ImportedCase => ({
    kind: 'keymat',
    result: 'valid',
    inputs,
    expected: gives(values),
  })
  return cases(
    asks({ of: 'ike-sa', ...common, ...ike }, { skeyseed: fields.octets('SKEYSEED'), keymat: fields.octets('DKM') }),
    asks({ of: 'child-sa', ...common, skD, length: child.length / 2 }, { keymat: child }),
    asks({ of: 'child-sa', ...common, skD, sharedSecret: later, length: childDh.length / 2 }, { keymat: childDh }),
    asks({ of: 'rekeyed-ike-sa', ...common, skD, sharedSecret: later }, { skeyseed: fields.octets('SKEYSEED(Rekey)') }),
  )
}

// ---- AES -------------------------------------------------------------------------------------------------------------------

/** RFC 4309 §4, §3.3: nonces of 11 octets, ICVs of 8, 12 or 16. */
function ccm(fields: Fields): Read {
  const [nonceLength, icvLength] = [fields.number('Nlen'), fields.number('Tlen')]
  if (nonceLength !== 11) return outside(`AES-CCM with a nonce of ${nonceLength} octets`)
  if (icvLength !== 8 && icvLength !== 12 && icvLength !== 16) return outside(`AES-CCM with an ICV of ${icvLength} octets`)
  const bad = fields.missing('Key', 'Nonce', 'CT')
  if (bad !== undefined) return bad
  const nonce = fields.octets('Nonce')
  const common = {
    algorithm: `ENCR_AES_CCM_${icvLength}`,
    keyLength: 4 * fields.octets('Key').length,
    key: fields.octets('Key') + nonce.slice(0, 6),
    iv: nonce.slice(6),
    // The files write one zero octet where there is none.
    aad: fields.number('Alen') === 0 ? '' : fields.octets('Adata'),
  }
  const sealed = fields.octets('CT')
  const opens = { operation: 'open', ...common, sealed }
  if (fields.text('Result') === 'Fail')
    return cases({ kind: 'aead', result: 'invalid', inputs: opens, expected: mustFail('integrity', 'sealed') })
  const plaintext = fields.number('Plen') === 0 ? '' : fields.octets('Payload')
  return cases(
    { kind: 'aead', result: 'valid', inputs: opens, expected: gives({ plaintext }) },
    { kind: 'aead', result: 'valid', inputs: { operation: 'seal', ...common, plaintext }, expected: gives({ sealed }) },
  )
}

/** RFC 4494 §2, RFC 4615 §3: AES-128; whole as a PRF, or 96 bits. */
function cmac(fields: Fields): Read {
  const [keyOctets, icvLength] = [fields.number('Klen'), fields.number('Tlen')]
  if (keyOctets !== 16) return outside(`AES-CMAC with a key of ${8 * keyOctets} bits`)
  if (icvLength !== 12 && icvLength !== 16) return outside(`AES-CMAC with an ICV of ${icvLength} octets`)
  const bad = fields.missing('Key', 'Mac')
  if (bad !== undefined) return bad
  const algorithm = icvLength === 12 ? { integrity: 'AUTH_AES_CMAC_96' } : { prf: 'PRF_AES128_CMAC' }
  const data = fields.number('Mlen') === 0 ? '' : fields.octets('Msg')
  const common = { algorithm, key: fields.octets('Key'), data }
  const isWrong = fields.text('Result').startsWith('F')
  return cases({
    kind: 'mac',
    result: isWrong ? 'invalid' : 'valid',
    inputs: { operation: 'verify', ...common, mac: fields.octets('Mac') },
    expected: isWrong ? mustFail('integrity', 'mac') : gives({}),
  })
}

function cbc(fields: Fields): Read {
  const bad = fields.missing('KEY', 'IV', 'PLAINTEXT', 'CIPHERTEXT')
  if (bad !== undefined) return bad
  const common = {
    algorithm: 'ENCR_AES_CBC',
    keyLength: 4 * fields.octets('KEY').length,
    key: fields.octets('KEY'),
    iv: fields.octets('IV'),
  }
  const [plaintext, ciphertext] = [fields.octets('PLAINTEXT'), fields.octets('CIPHERTEXT')]
  return cases(
    { kind: 'cipher', result: 'valid', inputs: { operation: 'encrypt', ...common, plaintext }, expected: gives({ ciphertext }) },
    { kind: 'cipher', result: 'valid', inputs: { operation: 'decrypt', ...common, ciphertext }, expected: gives({ plaintext }) },
  )
}

// ---- ECDH ------------------------------------------------------------------------------------------------------------------

const curves: ReadonlyMap<string, { readonly algorithm: string; readonly length: number }> = new Map([
  ['P-256', { algorithm: 'ECP_256', length: 32 }],
  ['P-384', { algorithm: 'ECP_384', length: 48 }],
  ['P-521', { algorithm: 'ECP_521', length: 66 }],
])

/** RFC 5903 §7: public values are x | y. */
function ecdh(fields: Fields): Read {
  const name = [...fields.section.keys()].find((key) => /^[PKB]-\d+$/.test(key)) ?? 'a curve without a name'
  const curve = curves.get(name)
  if (curve === undefined) return outside(`ECDH on ${name}`)
  const bad = fields.missing('QCAVSx', 'QCAVSy', 'dIUT', 'QIUTx', 'QIUTy', 'ZIUT')
  if (bad !== undefined) return bad
  // Some have an octet of zeros too many, others too few.
  const padded = (field: string): string =>
    fields
      .octets(field)
      .padStart(2 * curve.length, '0')
      .slice(-2 * curve.length)
  return cases({
    kind: 'key-agreement',
    result: 'valid',
    inputs: {
      operation: 'agree',
      algorithm: curve.algorithm,
      privateKey: padded('dIUT'),
      publicValue: padded('QCAVSx') + padded('QCAVSy'),
    },
    expected: gives({ ownPublicValue: padded('QIUTx') + padded('QIUTy'), sharedSecret: padded('ZIUT') }),
  })
}

const readers: readonly Reader[] = [
  { recognises: /IKE v2/, read: ikev2 },
  { recognises: /CCM-/, read: ccm },
  // Each of these is a chain of a thousand encryptions of which only the ends are printed.
  { recognises: /MCT test data/, read: () => outside('AES-CBC Monte Carlo chains') },
  { recognises: /test data for CBC/, read: cbc },
  { recognises: /CMAC(?:Gen|Ver)/, read: cmac },
  { recognises: /ECC CDH Primitive/, read: ecdh },
]
