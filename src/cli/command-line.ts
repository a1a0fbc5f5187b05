// What the words on the command line ask for. Pure: parses, does nothing. One file per verb does the work, loaded when it is asked for.
import { Command, CommanderError } from 'commander'
import type { ConfiguredConnection } from '../config/connection-file.ts'
import { type CheckOptions, checkOptions, type RawCheckOptions } from './check-options.ts'
import {
  type DecodeOptions,
  decodeOptions,
  moreAddresses,
  moreExchanges,
  morePorts,
  moreSpis,
  parseKind,
  type RawDecodeOptions,
} from './decode-options.ts'
import type { ExplainOptions } from './explain.ts'
import { CommandFailure, configurationFailure, exitCodes, usageFailure } from './exit-codes.ts'
import {
  insteadOf,
  type ConnectOptions,
  connectOptions,
  namesOf,
  parseCount,
  parseDummies,
  parseAhProposals,
  parseEspProposals,
  parseIdentityWord,
  parseIkeProposals,
  parseLocal,
  parseModeWord,
  parsePort,
  parseSeconds,
  parseSize,
  parseSelectors,
  type RawConnectOptions,
} from './options.ts'
import type { RehearseOptions } from './rehearse.ts'
import {
  moreDocuments,
  moreProviders,
  moreWords,
  parseImportFormat,
  parseMatch,
  parseRunForm,
  type RawRunOptions,
  type RawSelection,
  runOptions,
  selectionOf,
  type VectorsRequest,
} from './vectors-options.ts'

export type Request =
  | { readonly verb: 'demo'; readonly options: DemoOptions }
  | { readonly verb: 'ping'; readonly host: string; readonly options: PingOptions }
  | { readonly verb: 'respond'; readonly options: ConnectOptions }
  | { readonly verb: 'decode'; readonly what: string; readonly options: DecodeOptions }
  | { readonly verb: 'vectors'; readonly request: VectorsRequest }
  | { readonly verb: 'check'; readonly options: CheckOptions }
  /** `check FILE`: `-` is the standard input. */
  | { readonly verb: 'check-file'; readonly file: string; readonly output: 'text' | 'json' }
  | { readonly verb: 'rehearse'; readonly options: RehearseOptions }
  | { readonly verb: 'explain'; readonly options: ExplainOptions }
  /** `check --schema [KIND]` */
  | { readonly verb: 'schema'; readonly kind: SchemaKind }
  /** `--config FILE`: what the file says of a connection completes the request. `name`: of `--conn`. */
  | {
      readonly verb: 'configured'
      readonly file: string
      readonly name: string | undefined
      readonly complete: (connection: ConfiguredConnection) => Request
    }
  | { readonly verb: 'version'; readonly output: 'text' | 'json' }
  /** `--help`: its text is the result. */
  | { readonly verb: 'help'; readonly text: string }

export interface DemoOptions {
  /** Where `demo.pcapng` and `demo-keys/` go. */
  readonly out: string
  readonly output: 'text' | 'json'
}

export interface PingOptions extends ConnectOptions {
  readonly count: number
  /** In milliseconds. */
  readonly interval: number
  /** Octets of data in each of them. */
  readonly size: number
}

/** Throws a `CommandFailure` of one line when the words mean nothing. */
export function parseCommandLine(words: readonly string[]): Request {
  let request: Request | undefined
  let printed = ''
  const program = describeProgram((found) => {
    request = found
  })
  const output = {
    writeOut: (text: string) => {
      printed += text
    },
    writeErr: () => {},
  }
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])])
    command.exitOverride().configureOutput(output)
  try {
    program.parse(words, { from: 'user' })
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.exitCode === 0) return { verb: 'help', text: printed }
    if (thrown.code === 'commander.help') throw new CommandFailure(exitCodes.usage, whatToDo)
    throw new CommandFailure(exitCodes.usage, oneLine(thrown.message))
  }
  if (request === undefined) throw new CommandFailure(exitCodes.usage, whatToDo)
  return request
}

const whatToDo = 'say what to do: demo, ping, respond, decode, check, rehearse, explain, vectors or version (see --help)'

/** `error: unknown option '--jsn'\n(Did you mean --json?)` on one line, without the first word. */
function oneLine(message: string): string {
  const line = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  // "option '-c, --count <N>' argument 'x' is invalid. A count is …" says too much before it says what.
  return line.replace(/^option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*)' is invalid\. (.*)$/, '$1 $2: $3')
}

function describeProgram(found: (request: Request) => void): Command {
  const program = new Command('ikebana')
    .description('IKEv2 and IPsec (ESP and AH) in userspace: negotiate security associations and protect packets')
    .showSuggestionAfterError(true)
    .addHelpText('before', 'Example: ikebana ping 192.0.2.2 --psk-file key.txt\n')
    .addHelpText('after', exitCodeHelp)

  program
    .command('demo')
    .description('two hosts on this machine negotiate and exchange packets; no root, no configuration')
    .addHelpText('before', 'Example: ikebana demo --out /tmp/demo\n')
    .option('--out <DIR>', 'where to write demo.pcapng and demo-keys/', '.')
    .option('--json', 'one JSON object on stdout')
    .action((options: { readonly out: string; readonly json?: boolean }) =>
      found({ verb: 'demo', options: { out: options.out, output: outputOf(options) } }),
    )

  connecting(program.command('ping'))
    .description('negotiate with a peer, send echo requests through the SA, delete it')
    .addHelpText('before', 'Example: ikebana ping 192.0.2.2 --psk-file key.txt --mode tunnel --ts-remote 10.1.0.0/24 -c 3\n')
    .argument('[HOST]', 'name or address of the peer (remote_addrs of --config)')
    .option('-c, --count <N>', 'how many echo requests', parseCount, 4)
    .option('-i, --interval <SECONDS>', 'between two of them', parseSeconds, 1000)
    .option('-s, --size <OCTETS>', 'of data in each of them', parseSize, 56)
    .action((host: string | undefined, raw: RawPingOptions) => found(configured(raw, (file) => pingRequest(host, raw, file))))

  connecting(program.command('respond'))
    .description('the responder: answer negotiations, and echo requests inside the SAs, until Ctrl-C')
    .addHelpText('before', 'Example: ikebana respond --psk-file key.txt --local 192.0.2.2\n')
    .action((raw: RawConnectOptions) => found(configured(raw, (file) => ({ verb: 'respond', options: connectOptions(raw, file) }))))

  program
    .command('decode')
    .description('explain a capture (pcap, pcapng) or octets in hexadecimal, octet by octet')
    .addHelpText('before', 'Example: ikebana decode demo.pcapng --keys demo-keys --exchange IKE_AUTH\n')
    .argument('<FILE|HEX|->', 'a file, octets in hexadecimal, or - for the standard input')
    .option('--keys <DIR>', "Wireshark's tables ikev2_decryption_table and esp_sa, as --danger-keys writes them")
    .option('--as <KIND>', 'what the hexadecimal is: ike, udp4500, ip, esp or ethernet (what it looks like)', parseKind)
    .option('--port <N>', 'a UDP port of IKE and ESP beside 500 and 4500 (may be repeated)', morePorts)
    .option('--spi <SPI>', 'only with this SPI of IKE, ESP or AH (may be repeated)', moreSpis)
    .option('--exchange <NAME|N>', 'only IKE of this exchange (may be repeated)', moreExchanges)
    .option('--address <ADDR>', 'only from or to this address (may be repeated)', moreAddresses)
    .option('--all', 'also what is neither IKE nor ESP nor AH')
    .option('--json', 'one JSON object a line for each frame')
    .option('--html', 'one page that needs nothing else')
    .option('--ladder', 'who sent what to whom')
    .action((what: string, raw: RawDecodeOptions) => found({ verb: 'decode', what, options: decodeOptions(raw) }))

  describeVectors(program.command('vectors').description('vectors as data: run them against this implementation'), (request) =>
    found({ verb: 'vectors', request }),
  )

  program
    .command('check')
    .description(
      'what is wrong with a connection file or a scenario, or forbidden, weak or impossible in proposals, by which RFC, and what to write instead',
    )
    .addHelpText('before', 'Examples: ikebana check office.yaml\n          ikebana check --proposal aes128-sha1-modp1024 --esp 3des-sha1\n')
    .argument('[FILE]', 'a connection file, or a scenario of the lab; - is the standard input')
    .option('--proposal <P,…>', 'for IKE')
    .option('--esp <P,…>', 'for ESP')
    .option('--ah <P,…>', 'for AH')
    .option('--json', 'one JSON object on stdout')
    .option('--schema [KIND]', 'print the JSON Schema of connection files (connections), or of scenarios (scenario)')
    .action((file: string | undefined, raw: RawCheckOptions & RawSchema) => found(checkRequest(file, raw)))

  program
    .command('rehearse')
    .description('whether two connection files agree, on what, and until when: both negotiate in memory, and no packet is sent')
    .addHelpText('before', 'Example: ikebana rehearse alice.yaml bob.yaml --conn office,attic\n')
    .argument('<A>', 'a connection file')
    .argument('<B>', "the other side's")
    .option('--conn <NAME[,NAME]>', 'which connection of A, and which of B (the only one of each)')
    .option('--json', 'one JSON object on stdout')
    .action((a: string, b: string, raw: { readonly conn?: string; readonly json?: boolean }) => found(rehearseRequest(a, b, raw)))

  program
    .command('explain')
    .description('which policy of a connection file decides about a flow, by which SA, and why no earlier one does')
    .addHelpText('before', 'Example: ikebana explain office.yaml out tcp 192.0.2.1:40000 192.0.2.2:443\n')
    .argument('<CONFIG>', 'a connection file; - is the standard input')
    .argument('<FLOW...>', 'out|in PROTO SRC[:PORT] DST[:PORT]; PROTO is tcp, udp, icmp/TYPE/CODE, …; [addr]:port for IPv6')
    .option('--json', 'one JSON object on stdout')
    .action((file: string, flow: readonly string[], raw: { readonly json?: boolean }) =>
      found({ verb: 'explain', options: { file, flow: flow.join(' '), output: outputOf(raw) } }),
    )

  program
    .command('version')
    .description('the version of this program')
    .option('--json', 'one JSON object on stdout')
    .action((options: { readonly json?: boolean }) => found({ verb: 'version', output: outputOf(options) }))

  return program
}

type RawPingOptions = RawConnectOptions & { readonly count: number; readonly interval: number; readonly size: number }

function configured(raw: RawConnectOptions, complete: (connection: ConfiguredConnection | undefined) => Request): Request {
  if (raw.config !== undefined) return { verb: 'configured', file: raw.config, name: raw.conn, complete }
  if (raw.conn !== undefined) throw usageFailure('--conn is the name of a connection in a file: name the file with --config')
  if (raw.child !== undefined) throw usageFailure('--child is the name of a child in a file: name the file with --config')
  return complete(undefined)
}

function pingRequest(host: string | undefined, raw: RawPingOptions, file: ConfiguredConnection | undefined): Request {
  if (file !== undefined && raw.child === undefined && file.children.length > 1) {
    throw configurationFailure(`"${file.name}" has several children: which one? --child ${namesOf(file.children).join(', --child ')}`)
  }
  const peer = host ?? file?.remoteHost
  if (peer === undefined) {
    throw usageFailure(file === undefined ? "missing required argument 'HOST'" : `"${file.name}" has no remote_addrs: name the HOST`)
  }
  return { verb: 'ping', host: peer, options: { ...connectOptions(raw, file), count: raw.count, interval: raw.interval, size: raw.size } }
}

function rehearseRequest(a: string, b: string, raw: { readonly conn?: string; readonly json?: boolean }): Request {
  const [first, second, ...more] = raw.conn?.split(',') ?? []
  if (more.length > 0) throw usageFailure('--conn NAME,NAME: one connection of each file')
  return { verb: 'rehearse', options: { files: [a, b], names: [emptyIsNone(first), emptyIsNone(second)], output: outputOf(raw) } }
}

const emptyIsNone = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

function checkRequest(file: string | undefined, raw: RawCheckOptions & RawSchema): Request {
  const isOfProposals = raw.proposal !== undefined || raw.esp !== undefined || raw.ah !== undefined
  const asked = [file !== undefined, raw.schema !== undefined, isOfProposals].filter((each) => each).length
  if (asked > 1) throw usageFailure('a FILE, --schema, or proposals (--proposal, --esp, --ah): one of them at a time')
  if (raw.schema !== undefined) return { verb: 'schema', kind: schemaKind(raw.schema) }
  return file === undefined ? { verb: 'check', options: checkOptions(raw) } : { verb: 'check-file', file, output: outputOf(raw) }
}

type SchemaKind = 'connections' | 'scenario'
interface RawSchema {
  /** `true`: without a kind. */
  readonly schema?: string | true
}

function schemaKind(written: string | true): SchemaKind {
  if (written === true || written === 'connections') return 'connections'
  if (written === 'scenario') return 'scenario'
  throw usageFailure(`there is no schema of ${written}; ${insteadOf(written, ['connections', 'scenario'])}`)
}

function describeVectors(vectors: Command, found: (request: VectorsRequest) => void): void {
  vectors.action(() => {
    throw usageFailure('say what to do with vectors: list, run, show or schema (see --help)')
  })
  selecting(vectors.command('list'))
    .description('the files of vectors with their cases')
    .addHelpText('before', 'Example: ikebana vectors list --rfc 3602\n')
    .option('--json', 'one JSON object a line for each file')
    .action((raw: RawSelection) => found({ what: 'list', selection: selectionOf(raw), folder: raw.vectors, output: outputOf(raw) }))
  selecting(vectors.command('run'))
    .description('ask each case, compare the answer; exit code 5 when one is wrong')
    .addHelpText('before', 'Example: ikebana vectors run --suite esp --provider node --format tap\n')
    .option('--provider <NAME>', 'node or portable (both, without --shim; may be repeated)', moreProviders)
    .option('--format <FORM>', 'text, json, junit or tap (text)', parseRunForm)
    .option('--json', 'the same as --format json')
    .option('--import <FORMAT>', 'run the file or folder PATH of others: wycheproof or cavp', parseImportFormat)
    .argument('[PATH...]', 'with --import: files or folders')
    .option('--slow', 'also cases that take minutes')
    .option('--shim <COMMAND>', 'ask another implementation (may be repeated); ours only where --provider is given too', moreWords)
    .option('--report <DIR>', 'write one page, index.html: implementations side by side, each failure with its octets')
    .option('--patience <SECONDS>', 'how long to wait for an answer of a shim (10)', parseSeconds)
    .action((paths: readonly string[], raw: RawRunOptions) => found({ what: 'run', options: runOptions(paths, raw) }))
  vectors
    .command('show')
    .description('one case, whole')
    .addHelpText('before', 'Example: ikebana vectors show rfc2202-case-1-sha1\n')
    .argument('<ID>', 'the id of a case')
    .option('--vectors <DIR>', 'a folder of vectors in the place of those of this package')
    .option('--json', 'on one line')
    .action((id: string, raw: { readonly vectors?: string; readonly json?: boolean }) =>
      found({ what: 'show', id, folder: raw.vectors, output: outputOf(raw) }),
    )
  vectors
    .command('schema')
    .description('the kinds of vectors, or the JSON Schema of one')
    .addHelpText('before', 'Example: ikebana vectors schema mac\n')
    .argument('[KIND]', 'a kind')
    .action((kind: string | undefined) => found({ what: 'schema', kind }))
}

/** Which vectors. */
function selecting(command: Command): Command {
  return command
    .option('--suite <NAME>', 'only of this suite (may be repeated)', moreWords)
    .option('--rfc <N>', 'only about this RFC, or a document with this in its name (may be repeated)', moreDocuments)
    .option('--match <REGEX>', 'only cases whose id matches', parseMatch)
    .option('--without <FLAG>', 'no cases with this flag, such as SenderChoice (may be repeated)', moreWords)
    .option('--vectors <DIR>', 'a folder of vectors in the place of those of this package')
}

/** The options that `ping` and `respond` share. */
function connecting(command: Command): Command {
  return command
    .option('--config <FILE>', 'a connection file: what is written beside it on the command line counts more')
    .option('--conn <NAME>', 'which connection of the file (the only one)')
    .option('--child <NAME>', 'which child of the connection (ping: the only one; respond: any)')
    .option('--psk-file <FILE>', 'the pre-shared key (required without --config); - is the standard input')
    .option('--id <ID>', 'who we are: name, user@name, address or keyid:… (the local address)', parseIdentityWord)
    .option('--peer-id <ID>', 'who the peer must be (anyone who has the key)', parseIdentityWord)
    .option('--mode <MODE>', 'transport or tunnel (transport)', parseModeWord)
    .option('--proposal <P,…>', 'for IKE: aes256gcm16-prfsha256-ecp256', parseIkeProposals)
    .option(
      '--esp <P,…>',
      'for ESP: aes256gcm16, aes128-sha256, with -esn; to authenticate only: null-sha256, aes128gmac',
      parseEspProposals,
    )
    .option(
      '--ah <P,…>',
      'for AH, which authenticates only, and never goes in UDP: sha256, aescmac, aes128gmac, with -esn',
      parseAhProposals,
    )
    .option('--ts-local <T,…>', 'our traffic selectors: 10.1.0.0/24, 10.1.0.0/24[tcp/80] (our address)', parseSelectors)
    .option('--ts-remote <T,…>', "the peer's (its address)", parseSelectors)
    .option('--dummies <RATE>', 'dummy packets of ESP wherever nothing else is sent for so long: 10/s, 30/m; 0: none (none)', parseDummies)
    .option('--port <N>', "the responder's IKE port", parsePort, 500)
    .option(
      '--nat-port <N>',
      "the responder's port for NAT traversal; the same as --port: IKE and ESP on one port from the start",
      parsePort,
      4500,
    )
    .option('--local <ADDR[:PORT:NATPORT]>', 'where to send from and listen on', parseLocal)
    .option('--capture <FILE>', 'write a pcapng of all datagrams')
    .option('--danger-keys <DIR>', 'write the keys of the SAs as tables for Wireshark: whoever has them reads the traffic')
    .option('--why <FILE>', 'write what failed, and the comparison behind it, as a page for a browser')
    .option('--no-force-encap', 'no UDP encapsulation without a NAT: ESP is bare then, which takes --bare')
    .option('--bare', 'send and receive bare ESP and AH, so that nothing need be in UDP: Linux, root or CAP_NET_RAW, the package koffi')
    .option('--json', 'JSON on stdout')
}

const outputOf = (options: { readonly json?: boolean }): 'text' | 'json' => (options.json === true ? 'json' : 'text')

const exitCodeHelp = `
Exit codes: 0 done; 1 the protocol or the peer failed; 2 usage; 3 configuration; 4 agent not reached; 5 vectors failed.`
