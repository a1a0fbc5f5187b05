import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/bytes/secret.ts'
import { demoJson, type DemoReport, demoText } from '../../src/cli/demo-report.ts'
import { eventJson, eventLines } from '../../src/cli/event-lines.ts'
import {
  explainFileError,
  explainRawPath,
  explainSocketError,
  isLocalRefusal,
  sendFailureWords,
  systemError,
} from '../../src/cli/system-errors.ts'
import type { Event } from '../../src/contract/events.ts'
import { childSaId, espSpi, ikeSaId, ikeSpi } from '../../src/contract/units.ts'
import { BindFailure } from '../../src/runtime/sockets.ts'
import { utf8 } from '../../src/bytes/bytes.ts'
import { addresses, encr, endpoint, ke, message, prf } from '../inspect/samples.ts'
import { RawPathUnavailable } from '../../src/runtime/raw/unavailable.ts'

const ikeSa = ikeSaId(1)
const remote = endpoint('192.0.2.2', 500)
const fault = { family: 'policy', code: 'POLICY_IDENTITY_UNKNOWN', message: 'no' } as const
const hostile = { type: 2, value: utf8('\u001b[2J\u202e') }

const events: readonly Event[] = [
  message({}),
  { name: 'retransmit', ikeSa, local: endpoint('192.0.2.1', 500), remote, exchangeType: 34, messageId: 0, attempt: 1 },
  { name: 'nat-detected', ikeSa, local: { behindNat: 'behind-nat' }, remote: { behindNat: 'no-nat' }, forced: 'found' },
  { name: 'ike-sa-failed', ikeSa, connection: 'peer', fault, refusal: { kind: 'identity', got: hostile, expected: [], reason: 'unknown' } },
  {
    name: 'child-sa-failed',
    ikeSa,
    child: undefined,
    connection: 'peer',
    fault,
    refusal: { kind: 'mode', offered: 'tunnel', configured: 'transport' },
  },
  { name: 'rekey-failed', ikeSa, child: childSaId(2), fault, refusal: undefined, next: 'start-over' },
  { name: 'request-refused', remote, fault, refusal: undefined },
  { name: 'ike-sa-closed', ikeSa, by: 'peer' },
  { name: 'child-sa-closed', ikeSa, child: childSaId(2), by: 'exhausted' },
  { name: 'peer-unreachable', ikeSa, remote, reason: 'port' },
  { name: 'cookie-demanded', ikeSa },
  { name: 'message-dropped', reason: 'malformed', remote, fault: undefined },
  { name: 'packet-dropped', reason: 'replayed', child: childSaId(2) },
]

describe('events', () => {
  test.each(events.map((event) => [event.name, event] as const))('have a line and a JSON object: %s', (name, event) => {
    const said = eventLines(event)?.lines ?? []
    expect(said.length).toBeGreaterThan(0)
    expect(said.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    const json = JSON.stringify(eventJson(event))
    expect(JSON.parse(json)).toMatchObject({ event: name })
    expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  test('with keys have neither', () => {
    const suite = { encryption: encr(20, 256), prf: prf(5), integrity: undefined, keyExchange: ke(31) }
    const secret = new Secret(new Uint8Array(36).fill(0x5a))
    const keys: Event = {
      name: 'danger-ike-keys',
      ikeSa,
      initiatorSpi: ikeSpi('0102030405060708'),
      responderSpi: ikeSpi('1112131415161718'),
      suite,
      skEi: secret,
      skEr: secret,
      skAi: undefined,
      skAr: undefined,
    }
    expect([eventLines(keys), eventJson(keys)]).toEqual([undefined, undefined])
  })
})

describe('errors of the system', () => {
  const bind = (code: string): string | undefined => {
    const error = systemError(new BindFailure(code, '192.0.2.1', 500))
    return error === undefined ? undefined : explainSocketError(error)?.message
  }
  test('say which port is in use, and what to do', () => {
    expect(bind('EADDRINUSE')).toMatch(/^192\.0\.2\.1:500 \(UDP\) is in use .* --local ADDR:PORT:NATPORT$/)
  })
  test('say that low ports need permission', () => {
    expect(bind('EACCES')).toMatch(/^no permission to bind 192\.0\.2\.1:500 .* root or CAP_NET_BIND_SERVICE/)
  })
  test('say that an address is not ours', () => {
    expect(bind('EADDRNOTAVAIL')).toContain('is not an address of this machine')
  })
  test('say that there is no route', () => {
    const thrown = Object.assign(new Error('connect ENETUNREACH'), {
      code: 'ENETUNREACH',
      address: '2001:db8::1',
      port: 9,
      syscall: 'connect',
    })
    const error = systemError(thrown)
    expect(error && explainSocketError(error)).toMatchObject({ exitCode: 1, message: expect.stringContaining('no route to 2001:db8::1') })
  })
  test('are not taken for anything else', () => {
    expect(systemError(new Error('other'))).toBeUndefined()
    expect(systemError('text')).toBeUndefined()
    expect(explainSocketError({ code: 'ENOMEM', syscall: undefined, address: undefined, port: undefined })).toBeUndefined()
  })
  test.each([
    ['not-linux', 'works on Linux only'],
    ['no-koffi', 'npm install koffi@3.3'],
    ['not-permitted', 'root, or CAP_NET_RAW'],
    ['refused', 'does not give us its raw sockets (EMFILE)'],
  ] as const)('without a raw path, %s: what it takes, and how to do without', (obstacle, words) => {
    const failure = explainRawPath(new RawPathUnavailable(obstacle, obstacle === 'refused' ? 'EMFILE' : undefined))
    expect(failure.exitCode).toBe(3)
    expect(failure.message).toContain(words)
    expect(failure.message).toContain('leave out --bare')
  })
  test('at files name the file', () => {
    const error = { code: 'ENOENT', syscall: 'open', address: undefined, port: undefined }
    const failure = explainFileError(error, 'the pre-shared key', 'k')
    expect(failure).toMatchObject({ exitCode: 3, message: 'the pre-shared key: k: there is no such file or directory' })
  })
  test('tell a refusal of this machine from one of the network', () => {
    const datagram = { channel: 'ike', local: endpoint('192.0.2.1', 500), remote, bytes: new Uint8Array(0) } as const
    expect(isLocalRefusal({ code: 'ENETUNREACH', datagram })).toBe(true)
    expect(isLocalRefusal({ code: 'ECONNREFUSED', datagram })).toBe(false)
    expect(sendFailureWords({ code: 'NO_RAW_SOCKET', datagram })).toContain('--no-force-encap')
    expect(sendFailureWords({ code: 'NO_RAW_SOCKET', datagram })).toContain('--bare')
  })
})

describe('the demonstration', () => {
  const suite = { encryption: encr(20, 256), prf: prf(5), integrity: undefined, keyExchange: ke(31) }
  const selectors = { localSelectors: [addresses('127.0.0.1', '127.0.0.1')], remoteSelectors: [addresses('127.0.0.2', '127.0.0.2')] }
  const report: DemoReport = {
    rows: [{ kind: 'message', message: message({}) }],
    ikeSa: {
      role: 'initiator',
      replaces: undefined,
      connection: 'demo',
      initiatorSpi: ikeSpi('0102030405060708'),
      responderSpi: ikeSpi('1112131415161718'),
      local: endpoint('127.0.0.1', 4500),
      remote: endpoint('127.0.0.2', 4500),
      localIdentity: { type: 2, value: utf8('alice.example') },
      remoteIdentity: { type: 2, value: utf8('bob.example') },
      suite,
      encapsulation: 'udp',
    },
    childSa: {
      mapped: undefined,
      replaces: undefined,
      additionalSelectors: 'unknown',
      connection: 'demo',
      childName: 'transport',
      inbound: espSpi(0x1000),
      outbound: espSpi(0x2000),
      mode: 'transport',
      suite: { protocol: 3, encryption: encr(20, 256), integrity: undefined, extendedSequence: 'no-esn' },
      ...selectors,
      encapsulation: 'udp',
    },
    failure: undefined,
    sent: 2000,
    opened: 1999,
    dropped: { replayed: 1 },
    exchangeElapsed: 250,
    elapsed: 300.04,
  }
  test('ends in one JSON object', () => {
    expect(demoJson(report)).toEqual({
      established: true,
      sent: 2000,
      opened: 1999,
      lost: 1,
      dropped: { replayed: 1 },
      suite: {
        ike: { encryption: 'AES_GCM_16_256', prf: 'PRF_HMAC_SHA2_256', integrity: null, keyExchange: 'CURVE25519' },
        esp: { protocol: 'ESP', encryption: 'AES_GCM_16_256', integrity: null, esn: false, encrypted: true },
      },
      elapsedMs: 300,
    })
  })
  test('tells suite, SPIs, selectors, counters and rate', () => {
    const text = demoText(report, 100).join('\n')
    for (const part of ['IKE_SA_INIT request 0', 'AES_GCM_16_256 / PRF_HMAC_SHA2_256 / CURVE25519', '0x00001000', '0x00002000']) {
      expect(text).toContain(part)
    }
    expect(text).toContain('127.0.0.1/32 ↔ 127.0.0.2/32')
    expect(text).toContain('packets: 2000 sent, 1999 opened, 1 lost; dropped: 1 replayed')
    expect(text).toContain('rate: 8000 packets a second')
  })
  test('tells why it failed', () => {
    const failed = { ...report, ikeSa: undefined, childSa: undefined, failure: { fault, refusal: undefined } }
    expect(demoJson(failed)).toMatchObject({ established: false, failure: { code: 'POLICY_IDENTITY_UNKNOWN' } })
    expect(demoText(failed, 100).at(-1)).toBe('no [POLICY_IDENTITY_UNKNOWN]')
  })
})
