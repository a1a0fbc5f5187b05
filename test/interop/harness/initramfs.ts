// The guest's whole file system: programs of this machine with their libraries, modules of the guest's kernel, and a script that
// takes orders. Built when its content would change, kept beside the kernel in the cache of `.ci/install-peers`.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type ArchiveEntry, encodeArchive } from './cpio.ts'

export interface GuestFiles {
  /** The kernel, a program. */
  readonly kernel: string
  readonly initramfs: string
}

const peers = process.env['IKEBANA_PEERS'] ?? join(process.env['TMPDIR'] ?? tmpdir(), 'ikebana-peers')
const kernel = join(peers, 'uml/usr/bin/linux.uml')
const modules = join(peers, 'uml/usr/lib/uml/modules')

const programs = [
  ['/usr/bin/dash', 'bin/sh'],
  ['/usr/bin/busybox', 'bin/busybox'],
  ['/usr/bin/kmod', 'sbin/modprobe'],
  ['/usr/bin/ip', 'bin/ip'],
  ['/usr/bin/ping', 'bin/ping'],
  ['/usr/bin/socat', 'bin/socat'],
  ['/usr/bin/unshare', 'bin/unshare'],
  ['/usr/bin/tcpdump', 'bin/tcpdump'],
  ['/usr/sbin/ethtool', 'bin/ethtool'],
  ['/usr/sbin/swanctl', 'usr/sbin/swanctl'],
  ['/usr/lib/ipsec/charon', 'usr/lib/ipsec/charon'],
  ['/usr/lib/ipsec/_updown', 'usr/lib/ipsec/_updown'],
] as const
const strongswanPlugins =
  'random nonce x509 revocation constraints pubkey pkcs1 pkcs8 pem openssl gmp curve25519 aes sha1 sha2 md5 mgf1 kdf hmac xcbc cmac ctr ccm gcm chapoly drbg kernel-netlink socket-default vici updown'
// Not `ip` and `ping`: these are the real ones. And no busybox `sh`: Debian's prefers its own applets to what is in $PATH.
const applets =
  'awk cat chmod cp cut date dd dirname dmesg echo env false find free grep head hostname kill killall ln ls md5sum mkdir mkfifo mount mv nc pidof poweroff printf ps pwd rm rmdir sed seq setsid sha256sum sleep sort stat stty sync sysctl tail tee test timeout touch tr true umount uname uniq wc xargs'
const moduleFolders = ['crypto', 'lib', 'net/ipv4', 'net/ipv6', 'net/xfrm', 'net/key', 'net/netfilter', 'net/core', 'net/packet']
const moduleFiles = ['drivers/net/veth.ko', 'drivers/net/tun.ko']

const init = `#!/bin/sh
export PATH=/sbin:/bin:/usr/sbin:/usr/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp; mount -t tmpfs run /run
for m in ipv6 af_packet xfrm_user esp4 esp6 ah4 ah6 tun; do modprobe $m; done
ip link set lo up
for word in $(cat /proc/cmdline); do case $word in orders=*) orders=\${word#orders=};; esac; done
mkdir -p /orders; mount -t hostfs orders /orders -o $orders
. /orders/setup
# Each line on the serial line is the name of a script in /orders; the answer is its name and exit code.
stty raw -echo </dev/ttyS0
exec </dev/ttyS0 >/dev/ttyS0
echo ready
while read -r name; do
  (sh /orders/$name >/orders/$name.out 2>/orders/$name.err </dev/null; echo "done $name $?") &
done
poweroff -f
`

/** Fails with what to install when something is missing. */
export function guestFiles(): GuestFiles {
  if (!existsSync(kernel)) throw new Error(`there is no ${kernel}: run .ci/install-peers`)
  const entries = plan()
  const initramfs = join(peers, `guest-${digest(entries)}.cpio`)
  if (!existsSync(initramfs)) {
    for (const old of readdirSync(peers)) if (old.startsWith('guest-')) rmSync(join(peers, old))
    const mine = `${initramfs}.${process.pid}`
    writeFileSync(mine, encodeArchive([...folders(entries), ...entries.map(load)]))
    renameSync(mine, initramfs)
  }
  return { kernel, initramfs }
}

/** A file that is to be copied, or one whose content we know. */
type Planned = { readonly path: string } & ({ readonly from: string } | { readonly content: string } | { readonly target: string })

function plan(): readonly Planned[] {
  const copies = new Map<string, string>(programs.map(([from, path]) => [path, from]))
  for (const plugin of strongswanPlugins.split(' ')) {
    const file = `usr/lib/ipsec/plugins/libstrongswan-${plugin}.so`
    copies.set(file, `/${file}`)
  }
  for (const library of libraries([...copies.values()])) copies.set(library.slice(1), library)
  const release = readdirSync(modules)[0] ?? ''
  for (const file of moduleNames(join(modules, release))) copies.set(`lib/modules/${release}/${file}`, join(modules, release, file))
  // Opened by the C library when a thread is cancelled, so that ldd does not name it.
  copies.set('lib/x86_64-linux-gnu/libgcc_s.so.1', '/lib/x86_64-linux-gnu/libgcc_s.so.1')
  copies.set('etc/protocols', '/etc/protocols')
  copies.set('etc/services', '/etc/services')
  return [
    { path: 'init', content: init },
    { path: 'var/run', target: '../run' },
    { path: 'etc/passwd', content: 'root:x:0:0:root:/:/bin/sh\ntcpdump:x:1:1::/:/bin/sh\n' },
    { path: 'etc/group', content: 'root:x:0:\ntcpdump:x:1:\n' },
    { path: 'etc/hosts', content: '127.0.0.1 localhost\n' },
    ...applets.split(' ').map((applet) => ({ path: `bin/${applet}`, target: 'busybox' })),
    ...[...copies].map(([path, from]) => ({ path, from })),
  ]
}

/** Paths of the shared libraries that programs want, the dynamic loader among them. */
function libraries(files: readonly string[]): ReadonlySet<string> {
  const paths = new Set<string>()
  for (const file of files) {
    if (!existsSync(file)) throw new Error(`there is no ${file}: run .ci/install-peers`)
    // A static program or a script makes ldd fail: it wants none.
    const output = execFileSync('sh', ['-c', 'ldd "$0" 2>/dev/null || true', file], { encoding: 'utf8' })
    for (const match of output.matchAll(/(?:=> |^\t)(\/\S+)/gm)) if (match[1] !== undefined) paths.add(match[1])
  }
  return paths
}

function moduleNames(folder: string): readonly string[] {
  const kernelFolder = join(folder, 'kernel')
  const found = moduleFolders.flatMap((name) => filesBelow(join(kernelFolder, name)).map((file) => `kernel/${name}/${file}`))
  const lists = readdirSync(folder).filter((name) => name.startsWith('modules.'))
  return [...lists, ...found, ...moduleFiles.map((file) => `kernel/${file}`)].sort()
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ko'))

function digest(entries: readonly Planned[]): string {
  const hash = createHash('sha256')
  for (const entry of entries) {
    hash.update(JSON.stringify(entry))
    if ('from' in entry) {
      const { size, mtimeMs } = statSync(entry.from)
      hash.update(`${size} ${mtimeMs}`)
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function load(entry: Planned): ArchiveEntry {
  if ('from' in entry) return { kind: 'file', path: entry.path, content: readFileSync(entry.from) }
  if ('target' in entry) return { kind: 'link', path: entry.path, target: entry.target }
  return { kind: 'file', path: entry.path, content: Buffer.from(entry.content) }
}

function folders(entries: readonly Planned[]): readonly ArchiveEntry[] {
  const paths = new Set(['proc', 'sys', 'dev', 'tmp', 'run', 'etc', 'var', 'orders'])
  for (const entry of entries) for (let path = dirname(entry.path); path !== '.'; path = dirname(path)) paths.add(path)
  return [...paths].sort().map((path) => ({ kind: 'directory', path }))
}
