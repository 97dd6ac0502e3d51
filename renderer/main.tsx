import './ui/tokens.css';
import { createRoot } from 'react-dom/client';
import { followAddress } from './app/address.ts';
import { App } from './app/app.tsx';
import { composePage, followHost } from './app/compose.ts';
import { createTransport } from './app/connection/transport.ts';
import { loadParts } from './app/load-parts.ts';
import { followTheme } from './app/theme.ts';

const page = composePage(createTransport(), localStorage, navigator.language);
followTheme(page.preferences);
followAddress(page.ui);
// The page follows its host for as long as it lives.
followHost(page, new AbortController().signal);

const root = document.getElementById('root');
if (root) createRoot(root).render(<App page={page} />);
loadParts(page).catch(page.toasts.error);
