// Suites that we and a Linux kernel have, in our words and in those of ip-xfrm(8).
import type { KernelWords } from './kernel-sas.ts'

export interface KernelSuite {
  readonly protocol: 'esp' | 'ah'
  readonly proposal: string
  /** Octets of the keys, salts included. */
  readonly encryption: number
  readonly integrity: number
  readonly kernel: KernelWords
}

const aead = (proposal: string, name: string, encryption: number, icv: number): KernelSuite => ({
  protocol: 'esp',
  proposal,
  encryption,
  integrity: 0,
  kernel: { algorithms: ({ encryptionKey }) => `aead ${name} 0x${encryptionKey} ${icv}` },
})

const withMac = (proposal: string, cipher: string, encryption: number, mac: string, integrity: number, icv: number): KernelSuite => ({
  protocol: 'esp',
  proposal,
  encryption,
  integrity,
  kernel: {
    algorithms: ({ encryptionKey, integrityKey }) =>
      `enc ${cipher} ${encryptionKey === '' ? '""' : `0x${encryptionKey}`} auth-trunc ${mac} 0x${integrityKey} ${icv}`,
  },
})

const header = (proposal: string, mac: string, integrity: number, icv: number): KernelSuite => ({
  protocol: 'ah',
  proposal,
  encryption: 0,
  integrity,
  kernel: { algorithms: ({ integrityKey }) => `auth-trunc ${mac} 0x${integrityKey} ${icv}` },
})

export const gcm: KernelSuite = aead('aes128gcm16', 'rfc4106(gcm(aes))', 20, 128)
export const chacha: KernelSuite = aead('chacha20poly1305', 'rfc7539esp(chacha20,poly1305)', 36, 128)
export const cbc: KernelSuite = withMac('aes128-sha256', 'cbc(aes)', 16, 'hmac(sha256)', 32, 128)
export const nullSha256: KernelSuite = withMac('null-sha256', 'ecb(cipher_null)', 0, 'hmac(sha256)', 32, 128)
export const gmac: KernelSuite = aead('aes128gmac', 'rfc4543(gcm(aes))', 20, 128)

export const espSuites: readonly KernelSuite[] = [
  gcm,
  aead('aes192gcm16', 'rfc4106(gcm(aes))', 28, 128),
  aead('aes256gcm16', 'rfc4106(gcm(aes))', 36, 128),
  aead('aes128gcm12', 'rfc4106(gcm(aes))', 20, 96),
  aead('aes128gcm8', 'rfc4106(gcm(aes))', 20, 64),
  chacha,
  aead('aes128ccm16', 'rfc4309(ccm(aes))', 19, 128),
  aead('aes256ccm12', 'rfc4309(ccm(aes))', 35, 96),
  aead('aes256ccm8', 'rfc4309(ccm(aes))', 35, 64),
  cbc,
  withMac('aes256-sha384', 'cbc(aes)', 32, 'hmac(sha384)', 48, 192),
  withMac('aes256-sha512', 'cbc(aes)', 32, 'hmac(sha512)', 64, 256),
  withMac('aes128-sha1', 'cbc(aes)', 16, 'hmac(sha1)', 20, 96),
  withMac('aes128-aesxcbc', 'cbc(aes)', 16, 'xcbc(aes)', 16, 96),
  withMac('aes128-aescmac', 'cbc(aes)', 16, 'cmac(aes)', 16, 96),
  withMac('aes128ctr-sha256', 'rfc3686(ctr(aes))', 20, 'hmac(sha256)', 32, 128),
  nullSha256,
  withMac('null-sha512', 'ecb(cipher_null)', 0, 'hmac(sha512)', 64, 256),
  withMac('null-aescmac', 'ecb(cipher_null)', 0, 'cmac(aes)', 16, 96),
  gmac,
  aead('aes256gmac', 'rfc4543(gcm(aes))', 36, 128),
]

export const ahSha256: KernelSuite = header('sha256', 'hmac(sha256)', 32, 128)
export const ahSuites: readonly KernelSuite[] = [
  ahSha256,
  header('sha384', 'hmac(sha384)', 48, 192),
  header('sha512', 'hmac(sha512)', 64, 256),
  header('sha1', 'hmac(sha1)', 20, 96),
  header('aesxcbc', 'xcbc(aes)', 16, 96),
  header('aescmac', 'cmac(aes)', 16, 96),
]

/** With extended sequence numbers. */
export const extended = (suite: KernelSuite): KernelSuite => ({
  ...suite,
  proposal: `${suite.proposal}-esn`,
  kernel: { ...suite.kernel, flags: ['esn'] },
})
