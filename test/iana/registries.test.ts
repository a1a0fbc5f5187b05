// The registries: names and numbers agree with the RFC texts, where those are at hand (`../shared/rfc`), and with themselves.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { authMethodName, authMethods } from '../../src/iana/authentication.ts'
import { certificateEncodings } from '../../src/iana/certificates.ts'
import { configurationAttributes, configurationTypes } from '../../src/iana/configuration.ts'
import { exchangeName, exchanges } from '../../src/iana/exchanges.ts'
import { hashAlgorithms } from '../../src/iana/hash-algorithms.ts'
import { idTypes } from '../../src/iana/identification.ts'
import { ipProtocolName, ipProtocols } from '../../src/iana/ip-protocols.ts'
import { ipcompTransforms } from '../../src/iana/ipcomp.ts'
import { notifications, notify, notifyClass, notifyName } from '../../src/iana/notify.ts'
import { payloadTypeName, payloadTypeNotation, payloadTypes } from '../../src/iana/payloads.ts'
import { protocolName, protocols } from '../../src/iana/protocols.ts'
import type { Registry, RegistryEntry } from '../../src/iana/registry.ts'
import { trafficSelectorTypes } from '../../src/iana/traffic-selectors.ts'
import { transformAttributes } from '../../src/iana/transform-attributes.ts'
import {
  encryptionIds,
  integrityIds,
  keyExchange,
  keyExchangeIds,
  prfIds,
  sequenceNumberIds,
  transformIdName,
  transformType,
  transformTypeName,
  transformTypeNotation,
  transformTypes,
} from '../../src/iana/transforms.ts'

const registries: readonly Registry[] = [
  authMethods,
  certificateEncodings,
  configurationAttributes,
  configurationTypes,
  encryptionIds,
  exchanges,
  hashAlgorithms,
  idTypes,
  integrityIds,
  ipProtocols,
  ipcompTransforms,
  keyExchangeIds,
  notifications,
  payloadTypes,
  prfIds,
  protocols,
  sequenceNumberIds,
  trafficSelectorTypes,
  transformAttributes,
  transformTypes,
]

describe.each(registries)('$title', ({ entries, entry, name }) => {
  test('has each number and each name once, in order, with its document', () => {
    const numbers = entries.map(({ number }) => number)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(new Set(entries.map((one) => one.name)).size).toBe(entries.length)
    for (const one of entries) expect(one.rfc).toMatch(/^(RFC \d+|draft-[a-z0-9-]+|3GPP TS [\d.]+)$/)
  })
  test('finds its entries by number', () => {
    for (const one of entries) expect([entry(one.number), name(one.number)]).toEqual([one, one.name])
  })
})

test('numbers without an entry say so', () => {
  expect(notifyName(40_000)).toBe('unknown (40000)')
  expect(notifyName(40_960)).toBe('private use (40960)')
  expect(notifyName(8192)).toBe('private use (8192)')
  expect(exchangeName(240)).toBe('private use (240)')
  expect(protocolName(0)).toBe('unknown (0)')
  expect(notifications.entry(40_000)).toBeUndefined()
})

test('names are those of the documents', () => {
  expect(notifyName(14)).toBe('NO_PROPOSAL_CHOSEN')
  expect([payloadTypeName(33), payloadTypeNotation(33)]).toEqual(['Security Association', 'SA'])
  expect([transformTypeName(1), transformTypeNotation(1)]).toEqual(['Encryption Algorithm (ENCR)', 'ENCR'])
  expect(authMethodName(2)).toBe('Shared Key Message Integrity Code')
  expect(ipProtocolName(58)).toBe('IPv6-ICMP')
  expect(notifications.entry(notify.MOBIKE_SUPPORTED)?.rfc).toBe('RFC 4555')
})

test('a transform ID is looked up in the registry of its type', () => {
  expect(transformIdName(transformType.ENCR, 20)).toBe('ENCR_AES_GCM_16')
  expect(transformIdName(transformType.PRF, 5)).toBe('PRF_HMAC_SHA2_256')
  expect(transformIdName(transformType.INTEG, 0)).toBe('NONE')
  expect(transformIdName(transformType.KE, keyExchange.MODP_2048)).toBe('2048-bit MODP Group')
  expect(transformIdName(transformType.ESN, 0)).toBe('No Extended Sequence Numbers')
  // RFC 9370 §2.2.1
  expect(transformIdName(transformType.ADDKE7, 31)).toBe('Curve25519')
  expect(transformIdName(99, 1)).toBe('unknown (1)')
})

test('notifications are errors below 16384 (RFC 7296 §3.10.1)', () => {
  expect([notifyClass(0), notifyClass(16_383), notifyClass(16_384), notifyClass(65_535)]).toEqual(['error', 'error', 'status', 'status'])
})

const rfcs = join(import.meta.dirname, '../../../shared/rfc')
const present = existsSync(rfcs)

describe.skipIf(!present)(`against the RFC texts${present ? '' : ' (SKIPPED: ../shared/rfc is not here)'}`, () => {
  const read = new Map<string, readonly string[]>()

  test('each number stands in one paragraph with its name, in its document or in an overview of it', () => {
    const named = [notifications, exchanges, idTypes, configurationTypes, configurationAttributes, trafficSelectorTypes, hashAlgorithms]
    const entries = [...named, encryptionIds, prfIds, integrityIds].flatMap((registry) => registry.entries)
    const unconfirmed = entries.filter((entry) => existsSync(fileOf(entry.rfc)) && !isConfirmed(entry)).map(({ name }) => name)
    // IANA gave these numbers, and the texts do not repeat them, or without the name.
    const byIana = ['AUTH_LIFETIME', 'ROHC_SUPPORTED', 'P_CSCF_IP4_ADDRESS', 'P_CSCF_IP6_ADDRESS']
    const algorithmsByIana = ['ENCR_AES_CCM_8', 'ENCR_AES_CCM_12', 'ENCR_AES_CCM_16', 'PRF_AES128_XCBC']
    expect(unconfirmed).toEqual([...byIana, ...algorithmsByIana])
  })

  test('every name in the tables of RFC 7296 §3.10.1 is here', () => {
    const text = readFileSync(fileOf('RFC 7296'), 'utf8')
    const tables = text.slice(text.lastIndexOf('NOTIFY messages: error types'), text.lastIndexOf('3.11.  Delete Payload'))
    const found = [...tables.matchAll(/^ {3}([A-Z][A-Z0-9_]+) +(\d+)$/gm)].map(([, name, number]) => [name, Number(number)])
    expect(found).toHaveLength(29)
    expect(found.filter(([name, number]) => notifyName(Number(number)) !== name)).toEqual([])
  })

  function isConfirmed({ rfc, name, number }: RegistryEntry): boolean {
    return [rfc, 'RFC 7296', 'RFC 8247'].some((document) =>
      paragraphs(document).some((text) => text.includes(name) && new RegExp(`\\b${number}\\b`).test(text)),
    )
  }

  function paragraphs(document: string): readonly string[] {
    const known = read.get(document) ?? readFileSync(fileOf(document), 'utf8').split(/\n\s*\n/)
    read.set(document, known)
    return known
  }

  function fileOf(document: string): string {
    return join(rfcs, `${document.toLowerCase().replace(' ', '')}.txt`)
  }
})
