import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { terminalTheme } from './theme.ts';

const SCROLLBACK_LINES = 10_000;
const BELL_MS = 160;

export interface TerminalLook {
  readonly dark: boolean;
  readonly fontSize: number;
  readonly screenReader: boolean;
}

/** xterm with its addons, in an element that can be moved about the page. */
export interface TerminalView {
  readonly terminal: Terminal;
  readonly search: SearchAddon;
  readonly setLook: (look: TerminalLook) => void;
  /** Puts it into the page, as large as its place is. */
  readonly show: (place: HTMLElement) => void;
  readonly hide: () => void;
  readonly isShown: () => boolean;
  readonly fit: () => void;
  readonly dispose: () => void;
}

/** Links in output are somebody else's text: only the web, and without a way back to this page. */
function openLink(uri: string): void {
  const { protocol, href } = new URL(uri);
  if (protocol === 'http:' || protocol === 'https:') window.open(href, '_blank', 'noopener,noreferrer');
}

/** What browsers call WebGL that is drawn on the CPU. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Whether a GPU draws WebGL. Where the CPU does (virtual machines, remote desktops), a frame costs it
 * some 100 ms, several times what the DOM renderer takes. `failIfMajorPerformanceCaveat` does not tell:
 * Chromium's SwiftShader passes it.
 */
function hasGpu(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  if (!context) return false;
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const name = String(context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return !SOFTWARE.test(name);
}

export function createTerminalView(look: TerminalLook): TerminalView {
  const element = document.createElement('div');
  element.className = 'absolute inset-0';
  const terminal = new Terminal({
    allowProposedApi: true,
    scrollback: SCROLLBACK_LINES,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--font-mono') || 'monospace',
    fontSize: look.fontSize,
    lineHeight: 1.15,
    theme: terminalTheme(look.dark),
    screenReaderMode: look.screenReader,
    minimumContrastRatio: 4.5,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    macOptionIsMeta: true,
    linkHandler: { activate: (_event, uri) => openLink(uri) },
  });
  const fitter = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fitter);
  terminal.loadAddon(search);
  terminal.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri)));
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  terminal.onBell(() => {
    element.dataset.bell = '';
    setTimeout(() => delete element.dataset.bell, BELL_MS);
  });

  let opened = false;
  let webgl: WebglAddon | undefined;
  let webglWorks = hasGpu();
  let frame = 0;

  function dropWebgl(): void {
    webgl?.dispose();
    webgl = undefined;
  }

  /** A page has some 16 WebGL contexts: only the terminal that is seen has one. */
  function takeWebgl(): void {
    if (!webglWorks || webgl) return;
    try {
      const addon = new WebglAddon();
      addon.onContextLoss(dropWebgl);
      terminal.loadAddon(addon);
      webgl = addon;
    } catch {
      // No WebGL here: the DOM renderer, which is already at work, stays.
      webglWorks = false;
    }
  }

  function fitToPlace(): void {
    if (element.clientWidth > 0 && element.clientHeight > 0) fitter.fit();
  }

  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(fitToPlace);
  });

  function hide(): void {
    observer.disconnect();
    cancelAnimationFrame(frame);
    dropWebgl();
    element.remove();
  }

  return {
    terminal,
    search,
    setLook: (next) => {
      terminal.options.theme = terminalTheme(next.dark);
      terminal.options.fontSize = next.fontSize;
      terminal.options.screenReaderMode = next.screenReader;
      if (element.isConnected) fitToPlace();
    },
    show: (place) => {
      place.append(element);
      if (!opened) {
        terminal.open(element);
        opened = true;
      }
      takeWebgl();
      fitToPlace();
      observer.observe(element);
    },
    hide,
    isShown: () => element.isConnected,
    fit: fitToPlace,
    dispose: () => {
      hide();
      terminal.dispose();
    },
  };
}

/** How many columns and rows a terminal in a place of this size has, so that a program begins with the right size. */
export function measureTerminal(
  look: TerminalLook,
  place: HTMLElement,
): { readonly cols: number; readonly rows: number } {
  const view = createTerminalView(look);
  view.show(place);
  const { cols, rows } = view.terminal;
  view.dispose();
  return { cols, rows };
}
