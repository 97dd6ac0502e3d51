import { pino } from 'pino';
import { beforeEach, expect, test, vi } from 'vitest';
import { securePages, secureSession } from './security.ts';
import { app, createEvent, FakeContents, fake, resetFake, session, sessionState } from './testing/fake-electron.ts';

vi.mock('electron', () => import('./testing/fake-electron.ts'));

const log = pino({ level: 'silent' });
const electron = await import('electron');
let contents: FakeContents;

beforeEach(() => {
  resetFake();
  securePages(electron.app, log);
  secureSession(electron.session.defaultSession);
  contents = new FakeContents();
  app.emit('web-contents-created', createEvent(), contents);
});

function navigate(url: string, isMainFrame = true): boolean {
  const event = createEvent({ url, isMainFrame });
  contents.emit('will-frame-navigate', event);
  return !event.defaultPrevented;
}

test.each([
  'https://example.com/',
  'http://127.0.0.1:8080/',
  'file:///etc/passwd',
  'app://elsewhere/',
  'app://terrarium/assets/icon.svg',
  'data:text/html,hello',
  'javascript:alert(1)',
  'blob:app://terrarium/x',
  'about:blank',
])('the window does not navigate to %s', (url) => {
  expect(navigate(url)).toBe(false);
});

test('the page can be reloaded, but not inside a frame', () => {
  expect(navigate('app://terrarium/')).toBe(true);
  expect(navigate('app://terrarium/', false)).toBe(false);
});

test.each(['will-redirect', 'will-attach-webview'])('%s is denied', (name) => {
  const event = createEvent();
  contents.emit(name, event);
  expect(event.defaultPrevented).toBe(true);
});

function openWindow(url: string) {
  return contents.openHandler({
    url,
    frameName: '',
    features: '',
    disposition: 'new-window',
    referrer: { url: '', policy: 'default' },
  });
}

test.each(['https://example.com/a?b#c', 'http://127.0.0.1:20000/'])('%s opens in the browser, not here', (url) => {
  expect(openWindow(url)).toEqual({ action: 'deny' });
  expect(fake.opened).toEqual([url]);
});

test.each([
  'file:///etc/passwd',
  'app://terrarium/',
  'javascript:alert(1)',
  'data:text/html,x',
  'ssh://host',
  'vscode://x',
  'smb://host/share',
  'HTTPS//broken',
  '',
])('"%s" opens nowhere', (url) => {
  expect(openWindow(url)).toEqual({ action: 'deny' });
  expect(fake.opened).toEqual([]);
});

test('a machine without a browser does not end the app', async () => {
  fake.openExternalError = new Error('no browser');
  expect(openWindow('https://example.com/')).toEqual({ action: 'deny' });
});

function mayRequest(permission: string, requestingUrl: string, isMainFrame = true): boolean | undefined {
  let answer: boolean | undefined;
  const handler: CallableFunction | null = sessionState.request;
  handler?.(
    contents,
    permission,
    (granted: boolean) => {
      answer = granted;
    },
    { requestingUrl, isMainFrame },
  );
  return answer;
}

function isGranted(permission: string, origin: string, isMainFrame = true): boolean {
  const handler: CallableFunction | null = sessionState.check;
  return handler?.(contents, permission, origin, { isMainFrame });
}

test.each(['clipboard-read', 'clipboard-sanitized-write'])('our page has %s', (permission) => {
  expect(mayRequest(permission, 'app://terrarium/')).toBe(true);
  expect(isGranted(permission, 'app://terrarium')).toBe(true);
  expect(isGranted(permission, 'app://terrarium/')).toBe(true);
});

test.each(['clipboard-read', 'clipboard-sanitized-write'])('nobody else has %s', (permission) => {
  expect(mayRequest(permission, 'https://example.com/')).toBe(false);
  expect(mayRequest(permission, 'app://terrarium/', false)).toBe(false);
  expect(isGranted(permission, 'https://example.com')).toBe(false);
  expect(isGranted(permission, '')).toBe(false);
  expect(isGranted(permission, 'app://terrarium', false)).toBe(false);
});

test.each([
  'media',
  'geolocation',
  'notifications',
  'midi',
  'midiSysex',
  'pointerLock',
  'keyboardLock',
  'fullscreen',
  'openExternal',
  'display-capture',
  'hid',
  'serial',
  'usb',
  'window-management',
  'fileSystem',
  'unknown',
])('%s is denied to everybody', (permission) => {
  expect(mayRequest(permission, 'app://terrarium/')).toBe(false);
  expect(isGranted(permission, 'app://terrarium')).toBe(false);
});

test('devices are denied', () => {
  const handler: CallableFunction | null = sessionState.device;
  expect(handler?.({ deviceType: 'usb', origin: 'app://terrarium' })).toBe(false);
});

test('the page loads nothing from the network or from files', () => {
  expect(session.defaultSession).toBeDefined();
  expect(sessionState.blocked).toEqual(
    expect.arrayContaining(['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'file://*/*']),
  );
});
