import type { Attempt } from './attempt.ts';

const perl = (code: string) => `perl -e '${code}'`;
/** Opens for writing and writes nothing. */
const opens = (path: string) => `( : >> ${path} ) 2>/dev/null`;
/**
 * Succeeds when one of the files that `find` finds opens for writing. busybox's find has no -writable, and its test
 * takes root's word for it; and a `:` that cannot be redirected would end the shell.
 */
const findsWritable = (what: string) =>
  `find ${what} 2>/dev/null | { while read -r file; do { true >> "$file"; } 2>/dev/null && exit 0; done; exit 1; }`;

export const files: readonly Attempt[] = [
  { name: 'reads a file of the user’s by its path', script: 'cat "$VICTIM_FILE"' },
  { name: 'reads it through a link in the workspace', script: 'ln -s "$VICTIM_FILE" link; cat link' },
  { name: 'reads it through the root of PID 1', script: 'cat "/proc/1/root$VICTIM_FILE"' },
  { name: 'reads it through its own root', script: 'cat "/proc/self/root$VICTIM_FILE"' },
  { name: 'climbs out of the workspace', script: 'cat "../../../../../../../../../..$VICTIM_FILE"' },
  { name: 'climbs out of its working directory’s entry', script: 'cat "/proc/self/cwd/../../../../..$VICTIM_FILE"' },
  { name: 'finds Terrarium’s own folder', script: 'ls "$STATE_FOLDER"/*' },
  { name: 'finds keys in the user’s home', script: 'ls "$HOST_HOME/.ssh" || ls ~/.ssh' },
  {
    name: 'holds a file or folder of the host open',
    script: 'ls -l /proc/self/fd | grep -v " /proc/" | grep -E " ([3-9]|[1-9][0-9]+) -> /"',
  },
  { name: 'reads password hashes', script: 'cat /etc/shadow /etc/gshadow' },
  { name: 'writes to the system’s programs', script: 'touch /usr/bin/terrarium-was-here' },
  { name: 'replaces a library', script: opens('/lib/libc.so') },
  { name: 'makes itself an account', script: 'echo "evil::0:0::/:/bin/sh" >> /etc/passwd' },
  { name: 'writes to the root folder', script: 'touch /terrarium-was-here' },
];

export const kernel: readonly Attempt[] = [
  { name: 'says what runs when a program crashes', script: opens('/proc/sys/kernel/core_pattern') },
  { name: 'says what loads modules', script: opens('/proc/sys/kernel/modprobe') },
  { name: 'drops the machine’s caches', script: opens('/proc/sys/vm/drop_caches') },
  { name: 'changes a network setting', script: opens('/proc/sys/net/ipv4/ip_forward') },
  { name: 'reaches the magic system request', script: opens('/proc/sysrq-trigger') },
  { name: 'reads the kernel’s memory', script: 'test -n "$(head -c 64 /proc/kcore)"' },
  { name: 'reads the machine’s memory', script: 'head -c 1 /dev/mem || head -c 1 /dev/kmem || head -c 1 /dev/port' },
  { name: 'reads the kernel’s log', script: 'dmesg || head -c 1 /dev/kmsg' },
  { name: 'finds disks', script: 'test -n "$(find /dev -type b)"' },
  { name: 'makes itself a disk', script: 'mknod disk b 254 0 && head -c 1 disk' },
  { name: 'makes itself the machine’s memory', script: 'mknod memory c 1 1 && head -c 1 memory' },
  { name: 'writes to /sys', script: findsWritable('/sys -type f') },
  {
    name: 'changes a cgroup',
    script: findsWritable('/sys/fs/cgroup -name cgroup.procs'),
  },
  {
    name: 'mounts cgroups, for their release agent',
    script: 'mkdir cgroup; mount -t cgroup -o memory none cgroup || mount -t cgroup2 none cgroup',
  },
];

export const namespaces: readonly Attempt[] = [
  { name: 'mounts a file system', script: 'mount -t tmpfs none /tmp' },
  { name: 'mounts a folder elsewhere', script: 'mkdir elsewhere; mount --bind / elsewhere' },
  { name: 'makes the system writable again', script: 'mount -o remount,bind,rw /usr && touch /usr/terrarium-was-here' },
  { name: 'takes a cover off', script: 'umount -l /proc/sys || umount -l /proc' },
  { name: 'becomes root of a user namespace', script: 'unshare --user --map-root-user true', openIn: ['trusted'] },
  {
    name: 'makes namespaces as it is',
    script: 'unshare --mount true || unshare --net true || unshare --pid --fork true',
  },
  { name: 'joins the namespaces of PID 1', script: 'nsenter --target 1 --mount --net true' },
  { name: 'changes its root', script: 'chroot / true' },
  { name: 'renames the machine', script: 'hostname terrarium-was-here' },
];

export const others: readonly Attempt[] = [
  {
    name: 'sees a process of the host',
    script: 'cat /proc/[0-9]*/cmdline | tr "\\0" "\\n" | grep -q "^$VICTIM_ARGUMENT$"',
  },
  { name: 'kills a process of the host', script: 'kill -9 "$VICTIM_PID"' },
  {
    name: 'reads the environment of the host',
    script: 'cat /proc/[0-9]*/environ /proc/self/environ | grep -aq "$SECRET_NAME_BEGINS$SECRET_NAME_ENDS"',
  },
  { name: 'writes to the memory of PID 1', script: opens('/proc/1/mem'), openIn: ['trusted', 'standard', 'strict'] },
  {
    name: 'writes to the memory of what brought it in, which no filter holds',
    script: `for each in /proc/[0-9]*; do
      [ "$(cat $each/comm)" = bwrap ] && ( : >> $each/mem ) && exit 0
    done; exit 1`,
  },
  { name: 'finds memory shared by its name', script: 'test -e "/dev/shm/$SHARED_NAME"' },
  {
    name: 'attaches System V memory of the host',
    needs: ['perl'],
    script: perl('exit(defined(shmget($ENV{SHARED_KEY}, 0, 0)) ? 0 : 1)'),
  },
  {
    name: 'connects to an abstract socket of the host',
    needs: ['perl'],
    script: perl(
      'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0) or exit 1; exit(connect(S, pack("S a*", AF_UNIX, "\\0" . $ENV{ABSTRACT_NAME})) ? 0 : 1)',
    ),
  },
  {
    name: 'connects to a server on the host’s loopback',
    needs: ['perl'],
    script: perl(
      'use Socket; socket(S, AF_INET, SOCK_STREAM, 0) or exit 1; exit(connect(S, pack_sockaddr_in($ENV{LOOPBACK_PORT}, inet_aton("127.0.0.1"))) ? 0 : 1)',
    ),
  },
  {
    name: 'gives orders to a container engine',
    script:
      'test -S /var/run/docker.sock || test -S /run/docker.sock || test -S /run/podman/podman.sock || test -S /run/containerd/containerd.sock',
  },
  { name: 'gives orders to the system', script: 'test -S /run/systemd/private || test -S /run/dbus/system_bus_socket' },
];

export const privileges: readonly Attempt[] = [
  {
    name: 'has a capability',
    script: 'grep -E "^Cap(Eff|Prm|Inh|Amb):" /proc/self/status | grep -v "0000000000000000$"',
  },
  {
    name: 'gains privileges from programs (set-user-ID, file capabilities)',
    script: 'grep -q "^NoNewPrivs:.0$" /proc/self/status',
  },
  {
    name: 'becomes root by a set-user-ID program',
    script: 'test "$(su -c "id -u" </dev/null 2>/dev/null || sudo -n id -u)" = 0',
  },
  { name: 'runs without a filter', script: 'grep -q "^Seccomp:.[01]$" /proc/self/status' },
  { name: 'gives itself more of the CPU', script: 'nice -n -5 sh -c "test \\$(nice) -lt 0"' },
  { name: 'escapes when memory runs out', script: 'echo -1000 > /proc/self/oom_score_adj' },
  {
    name: 'raises the limit that its sandbox is known by',
    script: 'prlimit --pid $$ --msgqueue=819200:819200',
    needs: ['prlimit'],
  },
  {
    name: 'types into its terminal',
    needs: ['perl'],
    script: perl('ioctl(STDIN, 0x5412, my $c = "x") and exit 0; exit($!{EPERM} ? 1 : 0)'),
  },
  {
    name: 'pastes into a virtual console',
    needs: ['perl'],
    script: perl('ioctl(STDIN, 0x541c, my $c = "\\3") and exit 0; exit($!{EPERM} ? 1 : 0)'),
  },
];

export const attempts: readonly Attempt[] = [...files, ...kernel, ...namespaces, ...others, ...privileges];
