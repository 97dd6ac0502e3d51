import type { SyscallAttempt } from './attempt.ts';

const NEWUSER = 0x1000_0000;
const SIGCHLD = 17;
/** Denied in every profile. */
const always = (syscall: string, ...args: readonly number[]): SyscallAttempt => ({ syscall, with: args });
/** Denied but for sandboxes that are trusted. */
const guarded = (syscall: string, ...args: readonly number[]): SyscallAttempt => ({
  syscall,
  with: args,
  openIn: ['trusted'],
});
const onlyStrict = (syscall: string, ...args: readonly number[]): SyscallAttempt => ({
  syscall,
  with: args,
  openIn: ['trusted', 'standard'],
});
const socket = (how: string, family: number, type: number, protocol = 0): SyscallAttempt => ({
  ...guarded('socket', family, type, protocol),
  how,
});

export const syscallAttempts: readonly SyscallAttempt[] = [
  always('keyctl', 0, -3, 0),
  always('add_key', 0, 0, 0, 0, 0),
  always('request_key', 0, 0, 0, 0),
  always('init_module', 0, 0, 0),
  always('finit_module', -1, 0, 0),
  always('delete_module', 0, 0),
  always('kexec_load', 0, 0, 0, 0),
  always('kexec_file_load', -1, -1, 0, 0, 0),
  always('reboot', 0, 0, 0, 0),
  always('swapon', 0, 0),
  always('swapoff', 0),
  always('settimeofday', 1, 1),
  always('clock_settime', 0, 1),
  always('clock_adjtime', 0, 1),
  always('adjtimex', 1),
  always('quotactl', 0, 0, 0, 0),
  always('acct', 0),
  always('syslog', 3, 0, 0),
  always('vhangup'),
  always('iopl', 3),
  always('ioperm', 0x80, 1, 1),
  always('modify_ldt', 0, 0, 0),
  guarded('mount', 0, 0, 0, 0, 0),
  guarded('umount2', 0, 0),
  guarded('pivot_root', 0, 0),
  guarded('chroot', 0),
  guarded('unshare', NEWUSER),
  guarded('setns', -1, 0),
  { ...guarded('clone', NEWUSER | SIGCHLD, 0, 0, 0, 0), how: 'for a user namespace' },
  guarded('clone3', 0, 0),
  guarded('fsopen', 0, 0),
  guarded('fsmount', -1, 0, 0),
  guarded('open_tree', -1, 0, 0),
  guarded('move_mount', -1, 0, -1, 0, 0),
  guarded('mount_setattr', -1, 0, 0, 0, 0),
  guarded('open_by_handle_at', -1, 0, 0),
  guarded('bpf', 0, 0, 0),
  guarded('perf_event_open', 0, 0, -1, -1, 0),
  guarded('userfaultfd', 1),
  guarded('io_uring_setup', 1, 0),
  guarded('io_uring_enter', -1, 0, 0, 0, 0, 0),
  guarded('fanotify_init', 0, 0),
  guarded('kcmp', 1, 1, 0, 0, 0),
  guarded('mbind', 0, 0, 0, 0, 0, 0),
  guarded('move_pages', 0, 0, 0, 0, 0, 0),
  { ...guarded('personality', 0x004_0000), how: 'without randomised addresses' },
  onlyStrict('name_to_handle_at', -1, 0, 0, 0, 0),
  onlyStrict('ptrace', 0x4206, 1, 0, 0),
  onlyStrict('process_vm_readv', 1, 0, 0, 0, 0, 0),
  onlyStrict('process_vm_writev', 1, 0, 0, 0, 0, 0),
  onlyStrict('pidfd_getfd', -1, 0, 0),
  onlyStrict('io_setup', 0, 0),
  socket('packets of every program', 17, 3),
  socket('raw IP', 2, 3, 1),
  socket('raw IPv6', 10, 3, 58),
  socket('virtual machines', 40, 1),
  socket('the kernel’s cryptography', 38, 5),
  socket('bluetooth', 31, 3),
  { ...onlyStrict('socket', 16, 3, 0), how: 'netlink' },
];
