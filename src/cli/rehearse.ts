// `ikebana rehearse A.yaml B.yaml`: whether two connection files agree, and on what, without a packet sent.
import type { ConfiguredConnection } from '../config/connection-file.ts'
import { findKeySlip } from '../crypto/key-slips.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { nodeProvider } from '../crypto/providers/node.ts'
import { sharedKeyMac } from '../crypto/suites.ts'
import { rehearse as rehearsed } from '../lab/rehearsal.ts'
import type { RehearsalParty } from '../lab/rehearsal-stage.ts'
import { type Address, addressVersion, parseAddress } from '../net/address.ts'
import { addressIdentity, connectionOf, responderPorts } from './connection.ts'
import { configuredConnection } from './connection-config.ts'
import { print, printJson, talk } from './console.ts'
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts'
import { type ConnectOptions, connectOptions, type RawConnectOptions } from './options.ts'
import { readPreSharedKey } from './psk.ts'
import { type Cast, rehearsalLines } from './rehearsal-report.ts'
import { rehearsalJson } from './rehearsal-json.ts'

export interface RehearseOptions {
  readonly files: readonly [a: string, b: string]
  /** Of `--conn`; `undefined`: the only one. */
  readonly names: readonly [a: string | undefined, b: string | undefined]
  readonly output: 'text' | 'json'
}

/** Exit code 1 where the two do not agree. */
export function rehearse({ files, names, output }: RehearseOptions): ExitCode {
  const provider = nodeProvider()
  const a = configuredConnection(files[0], names[0])
  const b = configuredConnection(files[1], names[1])
  const addresses = addressesOf(a, b)
  const partyA = partyOf(provider, a, addresses.a, addresses.b)
  const partyB = partyOf(provider, b, addresses.b, addresses.a)
  const cast: Cast = { a: { file: files[0], party: partyA, configured: a }, b: { file: files[1], party: partyB, configured: b } }
  const rehearsal = rehearsed({ a: partyA, b: partyB }, { seed: 1, provider: nodeProvider })
  if (output === 'json') printJson(rehearsalJson(rehearsal, cast))
  else for (const line of rehearsalLines(rehearsal, cast)) print(line)
  return rehearsal.verdict === 'agree' ? exitCodes.done : exitCodes.failed
}

/** As `ping` and `respond` would be, given nothing but the file. */
const nothingBeside: RawConnectOptions = { port: 500, natPort: 4500, forceEncap: true }

function partyOf(provider: CryptoProvider, file: ConfiguredConnection, address: Address, other: Address): RehearsalParty {
  const options: ConnectOptions = connectOptions(nothingBeside, file)
  const key = readPreSharedKey(options.key)
  for (const remark of key.remarks) talk(remark, 'careful')
  const peer = peerOf(file, other)
  const accepts = file.remoteHost === undefined ? undefined : responderPorts(peer, options)
  return {
    connection: connectionOf(options, options.localIdentity ?? addressIdentity(address), accepts),
    address,
    peer,
    starts: file.remoteHost === undefined ? 'when-told' : 'by-itself',
    mac: ({ prf, octets }) => sharedKeyMac(provider, prf, key.secret, octets),
    slip: (evidence) => findKeySlip(provider, key.secret, evidence),
  }
}

/** No name is looked up: it is taken to be that of the other side. */
function peerOf({ remoteHost }: ConfiguredConnection, other: Address): Address {
  return (remoteHost === undefined ? undefined : parseAddress(remoteHost)) ?? other
}

/** What each file says of its own address, else what the other one says, else one for documentation (RFC 5737, RFC 3849). */
function addressesOf(a: ConfiguredConnection, b: ConfiguredConnection): { readonly a: Address; readonly b: Address } {
  const known = { a: a.localAddress ?? literal(b.remoteHost), b: b.localAddress ?? literal(a.remoteHost) }
  const version = [known.a, known.b, literal(a.remoteHost), literal(b.remoteHost)].flatMap((each) => each ?? []).map(addressVersion)[0] ?? 4
  const spare = ['1', '2', '3'].flatMap((last) => parseAddress(version === 4 ? `192.0.2.${last}` : `2001:db8::${last}`) ?? [])
  const free = spare.filter((each) => each !== known.a && each !== known.b)
  const [first, second] = free
  const found = { a: known.a ?? first, b: known.b ?? second ?? first }
  if (found.a === undefined || found.b === undefined) throw new CommandFailure(exitCodes.failed, 'there are no addresses to rehearse with')
  if (addressVersion(found.a) !== addressVersion(found.b)) {
    throw new CommandFailure(exitCodes.failed, `${found.b} cannot be reached from ${found.a}: one is IPv4, the other IPv6`)
  }
  return { a: found.a, b: found.b }
}

const literal = (host: string | undefined): Address | undefined => (host === undefined ? undefined : parseAddress(host))
