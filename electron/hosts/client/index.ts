/**
 * `terrarium/client`: sandboxes of the Terrarium that runs on this machine, for scripts.
 *
 * Every failure is an `AppError` with a `code`, a message, and often a `hint`.
 */
export type { CommandSignal } from '../../../shared/contract/executions.ts';
export type { FileChange, FileEntry } from '../../../shared/contract/files.ts';
export { AppError, type ErrorCode, isAppError } from '../../../shared/model/app-error.ts';
export type { Exit, PortBinding, Sandbox as SandboxInfo } from '../../../shared/model/sandbox.ts';
export type { SandboxSpecInput } from '../../../shared/model/spec.ts';
export type { Command, CommandOptions, CommandResult, Commands } from './commands.ts';
export type { ConnectionOptions } from './connection.ts';
export type { Files } from './files.ts';
export type { Pty, PtyOptions, Ptys } from './pty.ts';
export type { CreateOptions } from './sandbox.ts';
export { connect, Sandbox, type Terrarium } from './terrarium.ts';
export type { FileWatch, WatchOptions } from './watch.ts';
