import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type AppError, toErrorData } from '../../../shared/model/error.ts';

const headersOf = (type: string) => ({ 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' });

/** Unless something was answered already. */
export function send(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { ...headersOf(type), 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

export const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  send(response, status, 'application/json', JSON.stringify(value));

/** Every refusal over HTTP has an AppError as its body. */
export const fail = (response: ServerResponse, status: number, error: AppError): void =>
  sendJson(response, status, toErrorData(error));

/** The same where there is a connection only: for what wants to be a WebSocket, or is no HTTP. Ends it. */
export function failConnection(socket: Duplex, status: number, error: AppError): void {
  socket.on('error', () => socket.destroy()); // it went away before it heard the refusal
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(toErrorData(error));
  const headers = { ...headersOf('application/json'), 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
}
