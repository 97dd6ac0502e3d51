import { RPCHandler } from '@orpc/server/message-port';
import { MessageChannelMain, type MessagePortMain, type WebContents } from 'electron';
import { DESKTOP_PORT } from '../../../shared/contract/desktop-port.ts';
import type { Log } from '../../lib/log.ts';
import { handlerOptions } from '../../rpc/options.ts';
import type { Router } from '../../rpc/router.ts';
import { isPage } from './page-url.ts';

/**
 * Serves the contract on one MessagePort for each load of the page. The page sends nothing over
 * Electron's IPC: who holds the port is who it was given to, the main frame of our own page.
 */
export function createPagePorts(router: Router, log: Log): (contents: WebContents) => void {
  const handler = new RPCHandler(router, handlerOptions(log));

  return (contents) => {
    let current: MessagePortMain | null = null;
    const drop = () => {
      current?.close();
      current = null;
    };

    contents.on('did-finish-load', () => {
      drop();
      const frame = contents.mainFrame;
      if (!isPage(frame.url)) {
        log.warn({ url: frame.url }, 'a page that is not ours got no port');
        return;
      }
      const { port1, port2 } = new MessageChannelMain();
      current = port1;
      handler.upgrade(port1);
      port1.start();
      frame.postMessage(DESKTOP_PORT, null, [port2]);
    });
    contents.on('destroyed', drop);
  };
}
