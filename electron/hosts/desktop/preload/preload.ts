import { ipcRenderer } from 'electron';
import { DESKTOP_PORT } from '../../../../shared/contract/desktop-port.ts';

// The one thing a page gets from outside its sandbox: a port on which it speaks the contract.
ipcRenderer.on(DESKTOP_PORT, (event) => {
  window.postMessage(DESKTOP_PORT, location.origin, [...event.ports]);
});
