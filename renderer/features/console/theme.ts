import type { ITheme } from '@xterm/xterm';

// The backgrounds are those of `--terminal` in tokens.css, which fills the margin.

const dark: ITheme = {
  background: '#0e1014',
  foreground: '#e0e4ec',
  cursor: '#77aefc',
  cursorAccent: '#0e1014',
  selectionBackground: '#2b4a7d',
  black: '#2a2f38',
  red: '#f2685f',
  green: '#5bc27a',
  yellow: '#dcab45',
  blue: '#6ea8fe',
  magenta: '#c08af0',
  cyan: '#4fc1c9',
  white: '#c9cfda',
  brightBlack: '#7d8798',
  brightRed: '#ff8a82',
  brightGreen: '#7fdc9a',
  brightYellow: '#f0c877',
  brightBlue: '#97c2ff',
  brightMagenta: '#d7b0f8',
  brightCyan: '#7fdde3',
  brightWhite: '#ffffff',
};

const light: ITheme = {
  background: '#ffffff',
  foreground: '#1a1e27',
  cursor: '#1d5fd1',
  cursorAccent: '#ffffff',
  selectionBackground: '#bcd3fa',
  black: '#1a1e27',
  red: '#b3261e',
  green: '#1a7431',
  yellow: '#8a5300',
  blue: '#1d5fd1',
  magenta: '#8334b5',
  cyan: '#0b6f78',
  white: '#5c6577',
  brightBlack: '#4c5566',
  brightRed: '#c9352c',
  brightGreen: '#1f8a3b',
  brightYellow: '#9c6200',
  brightBlue: '#2f6fe0',
  brightMagenta: '#9644c9',
  brightCyan: '#0f808a',
  brightWhite: '#1a1e27',
};

export function terminalTheme(isDark: boolean): ITheme {
  return isDark ? dark : light;
}

/** Colours of what the search found; the addon takes `#rrggbb` only. */
export function searchColors(isDark: boolean) {
  return {
    matchBackground: isDark ? '#6b5410' : '#ffe08a',
    matchOverviewRuler: isDark ? '#b8901c' : '#c78a00',
    activeMatchBackground: isDark ? '#a85b00' : '#ff9f43',
    activeMatchColorOverviewRuler: isDark ? '#ff9f43' : '#a85b00',
  };
}
