import { errnoOf } from './guest-error.ts';
import type { FileType } from './guest-files.ts';

// Numbers and layouts of https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

const errnoNames =
  'SUCCESS 2BIG ACCES ADDRINUSE ADDRNOTAVAIL AFNOSUPPORT AGAIN ALREADY BADF BADMSG BUSY CANCELED CHILD CONNABORTED CONNREFUSED CONNRESET DEADLK DESTADDRREQ DOM DQUOT EXIST FAULT FBIG HOSTUNREACH IDRM ILSEQ INPROGRESS INTR INVAL IO ISCONN ISDIR LOOP MFILE MLINK MSGSIZE MULTIHOP NAMETOOLONG NETDOWN NETRESET NETUNREACH NFILE NOBUFS NODEV NOENT NOEXEC NOLCK NOLINK NOMEM NOMSG NOPROTOOPT NOSPC NOSYS NOTCONN NOTDIR NOTEMPTY NOTRECOVERABLE NOTSOCK NOTSUP NOTTY NXIO OVERFLOW OWNERDEAD PERM PIPE PROTO PROTONOSUPPORT PROTOTYPE RANGE ROFS SPIPE SRCH STALE TIMEDOUT TXTBSY XDEV NOTCAPABLE';
const errnos = new Map(errnoNames.split(' ').map((name, number) => [`E${name}`, number]));

export const SUCCESS = 0;

/** The number of an errno by its name; EIO for one that WASI does not know. */
export const errno = (name: string): number => errnos.get(name) ?? errnos.get('EIO') ?? 29;
export const errnoNumber = (error: unknown): number => errno(errnoOf(error));

const fileTypes: Readonly<Record<FileType, number>> = { file: 4, folder: 3, link: 7, other: 0 };
export const fileTypeNumber = (type: FileType): number => fileTypes[type];
export const CHARACTER_DEVICE = 2;
export const UNKNOWN_TYPE = 0;

export const rights = {
  fdRead: 1n << 1n,
  fdSeek: 1n << 2n,
  fdTell: 1n << 5n,
  fdWrite: 1n << 6n,
} as const;
export const ALL_RIGHTS = (1n << 30n) - 1n;

export const openFlags = { create: 1, folder: 2, exclusive: 4, truncate: 8 } as const;
export const fdFlags = { append: 1 } as const;
export const FOLLOW = 1;
/** Flags of `fd_filestat_set_times`. */
export const timeFlags = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 } as const;

const decoder = new TextDecoder();
const encoder = new TextEncoder();
export const encode = (text: string): Uint8Array => encoder.encode(text);

/** The guest's memory. It may grow with every call into the guest, so that nothing of it is kept. */
export function createMemoryView(memory: () => WebAssembly.Memory) {
  const view = () => new DataView(memory().buffer);
  const bytes = (pointer: number, length: number) => new Uint8Array(memory().buffer, pointer >>> 0, length >>> 0);
  return {
    view,
    bytes,
    text: (pointer: number, length: number) => decoder.decode(bytes(pointer, length)),
    u32: (pointer: number) => view().getUint32(pointer >>> 0, true),
    setU32: (pointer: number, value: number) => view().setUint32(pointer >>> 0, value, true),
    setU64: (pointer: number, value: bigint) => view().setBigUint64(pointer >>> 0, value, true),
    /** Vectors of buffers: `(pointer, length)` each. */
    vectors: (pointer: number, count: number): readonly Uint8Array[] => {
      const all = view();
      return Array.from({ length: count }, (_, index) => {
        const at = (pointer >>> 0) + index * 8;
        return bytes(all.getUint32(at, true), all.getUint32(at + 4, true));
      });
    },
  };
}
export type MemoryView = ReturnType<typeof createMemoryView>;
