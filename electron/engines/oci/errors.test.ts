import { expect, it } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import { commandFailure, toAppError } from './errors.ts';

function failure(statusCode: number, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), {
    statusCode,
    json: { message },
  });
}

it.each([
  [failure(404, 'No such container: abc'), 'not_found'],
  [failure(409, 'Container abc is paused'), 'conflict'],
  [failure(400, 'invalid reference format'), 'invalid_input'],
  [failure(403, 'denied'), 'denied'],
  [failure(503, 'starting'), 'engine_unavailable'],
  [failure(500, 'something else'), 'internal'],
  [failure(500, 'error setting rlimit type 7: operation not permitted'), 'limit_exceeded'],
  [failure(500, 'write /x: no space left on device'), 'limit_exceeded'],
  [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'engine_unavailable'],
  [new Error('socket hang up'), 'engine_unavailable'],
])('makes an AppError of %s', (error, code) => {
  expect(toAppError(error, 'Docker', 'do it')).toMatchObject({ name: 'AppError', code });
});

it.each([
  'driver failed programming external connectivity on endpoint x (1234567890): Error starting userland proxy: listen tcp4 127.0.0.1:28000: bind: address already in use',
  'Bind for 127.0.0.1:28000 failed: port is already allocated',
])('names the port that is taken: %s', (text) => {
  const error = toAppError(failure(500, text), 'Docker', 'start it');
  expect(error).toMatchObject({ code: 'conflict', details: { hostPort: 28_000 } });
  expect(error.message).toBe('Port 28000 on this machine is already in use');
});

it('gives the daemon’s own words without the library’s', () => {
  expect(toAppError(failure(500, 'it broke'), 'Docker', 'start it').message).toBe(
    'Docker could not start it: it broke',
  );
});

it('names the command that is not there', () => {
  const text =
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown';
  const error = toAppError(failure(400, text), 'Docker', 'start the command');
  expect(error).toMatchObject({ code: 'invalid_input', details: { field: 'command', command: 'nope' } });
});

// As crun's source has them: it does not run where v1's controllers and an empty v2 hierarchy are mounted.
it.each([
  [
    'crun: executable file `nope` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found',
    { field: 'command', command: 'nope' },
  ],
  ['crun: chdir to `/no/such`: No such file or directory: OCI runtime attempted …', { field: 'workdir' }],
])('understands crun as well: %s', (text, details) => {
  expect(commandFailure(text)).toMatchObject({ code: 'invalid_input', details });
});

it('understands Podman, which answers 500 to all of these', () => {
  const idle = 'can only create exec sessions on running containers: container state improper';
  expect(toAppError(failure(500, idle), 'Podman', 'start it')).toMatchObject({ code: 'conflict' });
  const removed = 'container abc does not exist in database: no such container';
  expect(toAppError(failure(500, removed), 'Podman', 'inspect it')).toMatchObject({ code: 'not_found' });
  const noInit =
    'container-init binary not found on the host: stat /usr/libexec/podman/catatonit: no such file or directory';
  expect(toAppError(failure(500, noInit), 'Podman', 'create it')).toMatchObject({
    code: 'engine_unavailable',
    hint: expect.stringContaining('catatonit'),
  });
});

it('leaves an AppError as it is', () => {
  const error = new AppError('conflict', 'so');
  expect(toAppError(error, 'Docker', 'do it')).toBe(error);
});
