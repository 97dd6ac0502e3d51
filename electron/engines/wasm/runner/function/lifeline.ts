// A thread beside a function's: it ends the process when the host is gone, whatever the function does meanwhile.
import { Socket } from 'node:net';
import { LIFELINE_FD } from './protocol.ts';

const end = () => process.kill(process.pid, 'SIGKILL');
new Socket({ fd: LIFELINE_FD, readable: true, writable: false }).on('close', end).on('error', end).resume();
