// strongSwan's charon at both ends, as cheap as its configuration makes it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, type Running, report, start, until } from '../../test/interop/harness/command.ts'
import type { Lab, Namespace } from '../../test/interop/harness/lab.ts'
import { namespaceMachine } from '../../test/interop/harness/machine.ts'
import { formatSection, type Section } from '../../test/interop/harness/strongswan.ts'
import { cabled, type Contender } from './contender.ts'
import { type End, initiator, responder, sharedKey, type Subject, suite } from './suite.ts'
import { Vici } from './vici.ts'

/**
 * The fewest that install a Child SA at each end without a kernel's IPsec: openssl has all the cryptography (with the plugin
 * curve25519 before it, it takes no less); kernel-libipsec takes the SAs, and does not start without kernel-netlink.
 */
const fewPlugins = 'random nonce openssl kdf socket-default vici kernel-libipsec kernel-netlink'
/** About what a daemon loads that authenticates by certificates, EAP and pre-shared keys. */
const usualPlugins = [
  'random nonce x509 revocation constraints pubkey pkcs1 pkcs7 pkcs8 pkcs12 pem openssl gmp curve25519 aes sha1 sha2 md4 md5 mgf1 kdf hmac xcbc',
  'cmac ctr ccm gcm chapoly drbg kernel-libipsec kernel-netlink socket-default vici updown eap-identity eap-md5 eap-mschapv2 eap-tls counters',
].join(' ')

const lean: Section = {
  load: fewPlugins,
  // Of 4 or 8 it waits for all and does nothing; with the 16 that it has otherwise it takes a little more.
  threads: 12,
  // Child SAs are installed; that packets find them is not what is measured.
  install_routes: 'no',
  process_route: 'no',
  // No notifications of what ours does not offer.
  signature_authentication: 'no',
  follow_redirects: 'no',
}
const plain: Section = {
  version: 2,
  proposals: suite.ike,
  unique: 'never',
  mobike: 'no',
  fragmentation: 'no',
  rekey_time: 0,
}

/** `lean`: it does as little as it can, and logs nothing. `usual`: with its own number of threads, many plugins, and a log, each line at once. */
export type Manner = 'lean' | 'usual'

export async function startCharons(lab: Lab, name: string, subject: Subject, manner: Manner): Promise<Contender> {
  const [left, right] = await cabled(lab, name)
  const peer = await startCharon(lab, right, subject, manner, responder, initiator)
  const ours = await startCharon(lab, left, subject, manner, initiator, responder)
  const vici = await Vici.connect(ours.socket)
  return {
    name,
    pids: [ours.pid, peer.pid],
    async negotiate(count) {
      for (let i = 0; i < count; i++) {
        // Level 0: at -1 it writes every message that there is, and throws them away.
        await vici.command('initiate', { ...(subject === 'childless' ? { ike: 'c' } : { child: 'k' }), timeout: '5000', loglevel: '0' })
        await vici.command('terminate', { ike: 'c', timeout: '5000', loglevel: '0' })
      }
    },
    async stop() {
      vici.close()
      await ours.stop()
      await peer.stop()
    },
  }
}

async function startCharon(
  lab: Lab,
  namespace: Namespace,
  subject: Subject,
  manner: Manner,
  own: End,
  other: End,
): Promise<{ readonly pid: number; readonly socket: string; readonly stop: () => Promise<void> }> {
  const { folder } = namespaceMachine(lab, namespace)
  const socket = join(folder, 'vici')
  const conf = join(folder, 'strongswan.conf')
  const connections = join(folder, 'swanctl.conf')
  writeFileSync(
    conf,
    formatSection({
      charon: { load_modular: 'no', ...settingsOf(manner, folder), plugins: { vici: { socket: `unix://${socket}` } } },
      swanctl: { load: 'random' },
    }),
  )
  writeFileSync(connections, formatSection(connection(subject, own, other)))
  const environment = ['env', `STRONGSWAN_CONF=${conf}`, `SWANCTL_DIR=${folder}`]
  // A /run of its own, as the pid file of every charon has the same name.
  const alone = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec /usr/lib/ipsec/charon']
  const running = start(namespace.command(...environment, ...alone))
  await until('a charon that listens', 10_000, async () => {
    if (running.child.exitCode !== null) throw new Error(`charon has ended\n${report(running.output())}`)
    return await listens(socket)
  })
  await must([...environment, 'swanctl', '--load-all', '--file', connections, '--uri', `unix://${socket}`])
  const stop = async (): Promise<void> => {
    running.child.kill('SIGKILL')
    await running.finished
  }
  return { pid: pidOf(running), socket, stop }
}

function settingsOf(manner: Manner, folder: string): Section {
  const syslog = { daemon: { default: -1 }, auth: { default: -1 } }
  if (manner === 'lean') return { ...lean, syslog }
  return { load: usualPlugins, syslog, filelog: { f: { path: join(folder, 'log'), default: 1, ike: 1, flush_line: 'yes' } } }
}

const connection = (subject: Subject, own: End, other: End): Section => ({
  connections: {
    c: {
      ...plain,
      childless: subject === 'childless' ? 'force' : 'never',
      local_addrs: own.outer,
      remote_addrs: other.outer,
      local: { auth: 'psk', id: own.identity },
      remote: { auth: 'psk', id: other.identity },
      children: {
        k: { mode: 'tunnel', esp_proposals: suite.esp, local_ts: `${own.inner}/32`, remote_ts: `${other.inner}/32`, rekey_time: 0 },
      },
    },
  },
  secrets: { ike: { secret: `"${sharedKey}"` } },
})

async function listens(socket: string): Promise<true | undefined> {
  try {
    ;(await Vici.connect(socket)).close()
    return true
  } catch {
    return undefined
  }
}

/** All that starts it (setpriv, ip, env, unshare, sh) makes way for it in the same process. */
function pidOf({ child }: Running): number {
  if (child.pid === undefined) throw new Error('it did not start')
  return child.pid
}
