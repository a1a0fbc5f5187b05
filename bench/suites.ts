// The suites of ESP that are measured, by the words that proposals use for them.
import type { ChildSuite, TransformChoice } from '../src/contract/transforms.ts'
import { encryption, integrity, transformType } from '../src/iana/transforms.ts'
import { protocol } from '../src/iana/protocols.ts'

export interface BenchSuite {
  readonly name: string
  readonly suite: ChildSuite
}

export const suites: readonly BenchSuite[] = [
  suite('aes128gcm16', cipher(encryption.ENCR_AES_GCM_16, 128), undefined),
  suite('aes256gcm16', cipher(encryption.ENCR_AES_GCM_16, 256), undefined),
  suite('chacha20poly1305', cipher(encryption.ENCR_CHACHA20_POLY1305, undefined), undefined),
  suite('aes128-sha256', cipher(encryption.ENCR_AES_CBC, 128), integrity.AUTH_HMAC_SHA2_256_128),
  suite('aes256-sha512', cipher(encryption.ENCR_AES_CBC, 256), integrity.AUTH_HMAC_SHA2_512_256),
  suite('null-sha256', cipher(encryption.ENCR_NULL, undefined), integrity.AUTH_HMAC_SHA2_256_128),
]

function cipher(id: number, keyLength: number | undefined): TransformChoice {
  return { type: transformType.ENCR, id, keyLength }
}

function suite(name: string, encryption: TransformChoice, mac: number | undefined): BenchSuite {
  const integrity = mac === undefined ? undefined : { type: transformType.INTEG, id: mac, keyLength: undefined }
  return { name, suite: { protocol: protocol.ESP, encryption, integrity, extendedSequence: 'no-esn' } }
}
